package render

import (
	"regexp"
	"strings"
	"testing"
)

func TestHTMLGolden(t *testing.T) {
	golden(t, "platform.html", must(t, HTML, platform(), Options{Rules: ruleInfo}))
	golden(t, "empty.html", must(t, HTML, newAudit().Audit, Options{}))
}

var (
	anyTag = regexp.MustCompile(`<(/?[a-zA-Z!][^\s>]*)[^>]*>`)
	inline = regexp.MustCompile(`^/?(code|span|wbr)$`)
)

// tagsOf is the sequence of tags in a page, without those that depend on the texts themselves: code
// spans in messages, highlighted tokens, places where a path may break.
func tagsOf(page string) string {
	var names []string
	for _, m := range anyTag.FindAllStringSubmatch(page, -1) {
		if !inline.MatchString(m[1]) {
			names = append(names, m[1])
		}
	}
	return strings.Join(names, " ")
}

func TestHTMLCannotBeInjected(t *testing.T) {
	want := tagsOf(must(t, HTML, hostile("calm", true), Options{}))
	for _, s := range attacks {
		got := must(t, HTML, hostile(s, true), Options{})
		if tags := tagsOf(got); tags != want {
			t.Errorf("attack %q: tags %s\nwant %s", s, tags, want)
		}
		if strings.Contains(got, `="javascript:`) {
			t.Errorf("attack %q: a javascript address", s)
		}
	}
}

func TestHTMLNeedsNothingElse(t *testing.T) {
	page := must(t, HTML, platform(), Options{Rules: ruleInfo})
	for _, bad := range []string{"src=", "<link", "@import", "url(", " onclick", " style=", "<iframe"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if !strings.Contains(page, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;`) {
		t.Error("the page has no content security policy")
	}
}

func TestHighlightKeepsText(t *testing.T) {
	c := new(highlighter)
	strip := regexp.MustCompile(`<[^>]*>`)
	for name, lines := range map[string][]string{
		"python":      {"async def f(self):", `    """doc`, `    more"""`, "", "    return 'a < b' if x else f\"{y!r}\""},
		"go":          {"func f() {", "\tx := `raw", "line`", "\tgo func() { <-c }()", "}"},
		"no-language": {"<b>", "&amp;"},
		"broken":      {`"""never closed`, "x = '"},
	} {
		language := name
		if name == "broken" {
			language = "python"
		}
		got := c.highlight(language, lines)
		if len(got) != len(lines) {
			t.Fatalf("%s: %d lines became %d", name, len(lines), len(got))
		}
		for i, l := range lines {
			plain := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(strip.ReplaceAllString(string(got[i]), ""))
			if want := lay(l).all(); plain != want {
				t.Errorf("%s: line %d is %q, want %q", name, i, plain, want)
			}
		}
	}
	if !strings.Contains(string(c.highlight("python", []string{"async def f(): pass"})[0]), `<span class="tk">async</span>`) {
		t.Error("a keyword is not marked")
	}
}

func TestDiagram(t *testing.T) {
	f := &platform().Findings[0]
	d := newDiagram(f)
	if len(d.Lanes) != 2 || len(d.Boxes) != len(f.Scenario) || d.Band == nil || !d.Band.Latent {
		t.Fatalf("%+v", d)
	}
	for i := 1; i < len(d.Boxes); i++ {
		if a, b := d.Boxes[i-1], d.Boxes[i]; b.Y < a.Y+a.Height {
			t.Errorf("box %d begins before box %d ends", i, i-1)
		}
	}
	first, second := d.Boxes[0], d.Boxes[1]
	if d.Band.Y < first.Y+first.Height || d.Band.Y+d.Band.Height > second.Y {
		t.Errorf("the expiry at %d is not between the first box, to %d, and the second, from %d", d.Band.Y, first.Y+first.Height, second.Y)
	}
	if last := d.Boxes[len(d.Boxes)-1]; last.Y+last.Height > d.Height {
		t.Error("the last box is cut off")
	}
	f.Scenario = f.Scenario[:1]
	if newDiagram(f) != nil {
		t.Error("one actor is no interleaving")
	}
}
