// Filters the findings of the page. Without it everything is shown.
(function () {
  "use strict";
  var form = document.getElementById("filters");
  if (!form) return;
  document.documentElement.classList.add("js");
  var findings = Array.prototype.slice.call(document.querySelectorAll("article.finding"));
  var sections = Array.prototype.slice.call(document.querySelectorAll("section.findings"));
  var shown = document.getElementById("shown");
  var words = findings.map(function (f) {
    var w = {};
    ["severities", "services", "rules", "confidences", "states"].forEach(function (k) {
      w[k] = f.getAttribute("data-" + k).split(" ");
    });
    return w;
  });
  var texts = null;

  function apply() {
    var chosen = [];
    Array.prototype.forEach.call(form.querySelectorAll("select"), function (s) {
      if (s.value) chosen.push([s.name, s.value.split(" ").join("_")]);
    });
    var text = form.elements.text.value.trim().toLowerCase();
    if (text && !texts) texts = findings.map(function (f) { return f.textContent.toLowerCase(); });
    var count = 0;
    findings.forEach(function (f, i) {
      var show = chosen.every(function (c) { return words[i][c[0]].indexOf(c[1]) >= 0; }) && (!text || texts[i].indexOf(text) >= 0);
      f.hidden = !show;
      if (show) count++;
    });
    sections.forEach(function (s) { s.hidden = !s.querySelector("article.finding:not([hidden])"); });
    shown.textContent = count + " of " + findings.length + " shown";
  }

  var timer = 0;
  form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(apply, 100); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  form.addEventListener("submit", function (e) { e.preventDefault(); });
  apply();
})();
