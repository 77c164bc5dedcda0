package render

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/report"
)

// browser is a headless Chromium, driven by its debugging protocol through a pipe.
type browser struct {
	t       *testing.T
	w       *os.File
	replies chan message
	session string
	id      int
	events  []message
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// startBrowser starts Chromium with one empty tab, or skips the test if there is none.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on this machine: the page was not opened (Debian: apt-get install chromium)")
	}
	if testing.Short() {
		t.Skip("not started in short mode")
	}
	toBrowser, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := cmd.Start(); err != nil {
		t.Skipf("Chromium does not start: %v", err)
	}
	_ = toBrowser.Close()
	_ = fromBrowser.Close()
	b := &browser{t: t, w: w, replies: make(chan message, 10000)}
	go func() {
		defer close(b.replies)
		in := bufio.NewReaderSize(r, 1<<20)
		for {
			text, err := in.ReadBytes(0)
			if err != nil {
				return
			}
			var m message
			if json.Unmarshal(text[:len(text)-1], &m) == nil {
				b.replies <- m
			}
		}
	}()
	t.Cleanup(func() {
		_ = w.Close() // Chromium ends with its pipe
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
		_ = r.Close()
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// next waits for a message.
func (b *browser) next() message {
	b.t.Helper()
	select {
	case m, ok := <-b.replies:
		if !ok {
			b.t.Fatal("Chromium went away")
		}
		return m
	case <-time.After(60 * time.Second):
		b.t.Fatal("Chromium does not answer")
	}
	return message{}
}

// call sends a command and waits for its answer; events that come first are kept.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.id++
	text, err := json.Marshal(map[string]any{"id": b.id, "method": method, "params": orEmpty(params), "sessionId": b.session})
	if err != nil {
		b.t.Fatal(err)
	}
	if b.session == "" {
		text, _ = json.Marshal(map[string]any{"id": b.id, "method": method, "params": orEmpty(params)})
	}
	if _, err := b.w.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.next()
		if m.ID != b.id {
			b.events = append(b.events, m)
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

func orEmpty(params any) any {
	if params == nil {
		return map[string]any{}
	}
	return params
}

// open loads a file and waits until it is there.
func (b *browser) open(file string) {
	b.t.Helper()
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	loaded := func() bool {
		for _, m := range b.events {
			if m.Method == "Page.loadEventFired" {
				return true
			}
		}
		return false
	}
	for !loaded() {
		b.events = append(b.events, b.next())
	}
}

// eval evaluates an expression in the page.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails.Text)
	}
	return r.Result.Value
}

// complaints are console messages, errors, and requests other than for the page itself.
func (b *browser) complaints(page string) []string {
	b.eval("new Promise(r => setTimeout(r, 50))") // late events
	var list []string
	for _, m := range b.events {
		switch m.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
			list = append(list, m.Method+" "+string(m.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if err := json.Unmarshal(m.Params, &p); err != nil || p.Request.URL != "file://"+page {
				list = append(list, "request "+string(m.Params))
			}
		}
	}
	return list
}

// screenshot keeps a picture of the whole page where TOCTOU_SCREENSHOTS says, for people to look at.
func (b *browser) screenshot(name string, width int, scheme string) {
	dir := os.Getenv("TOCTOU_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	var r struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &r)
	png, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func writePage(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "audit.html")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

const visibleFindings = `Array.from(document.querySelectorAll("article.finding")).filter(f => f.offsetParent !== null).length`

// TestBrowser opens pages in one browser.
func TestBrowser(t *testing.T) {
	b := startBrowser(t)
	for name, test := range map[string]func(*testing.T, *browser){
		"page": pageInBrowser, "without JavaScript": pageWithoutJavaScript, "hostile": hostilePages, "platform": platformInBrowser,
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			test(t, b)
		})
	}
}

func pageInBrowser(t *testing.T, b *browser) {
	t.Helper()
	base := baseline(t)
	page := writePage(t, must(t, HTML, base.New, Options{Rules: ruleInfo, Baseline: base}))
	b.open(page)
	for _, c := range b.complaints(page) {
		t.Error(c)
	}
	total := fmt.Sprint(b.eval(visibleFindings))
	if want := fmt.Sprint(len(newDossier(platform(), Options{}).grave) + 2); total != want {
		t.Errorf("%s findings shown, want %s", total, want)
	}
	choose := func(name, value string) string {
		return fmt.Sprint(b.eval(fmt.Sprintf(`(async () => {
			const form = document.getElementById("filters");
			form.elements[%q].value = %q;
			form.dispatchEvent(new Event("input", {bubbles: true}));
			await new Promise(r => setTimeout(r, 200));
			return %s + " / " + document.getElementById("shown").textContent;
		})()`, name, value, visibleFindings)))
	}
	reset := func() {
		b.eval(`(async () => { document.getElementById("filters").reset(); await new Promise(r => setTimeout(r, 100)); })()`)
	}
	for _, c := range []struct{ name, value, want string }{
		{"severities", "high", "1 / 1 of 4 shown"},
		{"severities", "medium", "2 / 2 of 4 shown"}, // one as an additional section of a critical one
		{"services", "metadata", "2 / 2 of 4 shown"},
		{"rules", "untrackedtask", "1 / 1 of 4 shown"},
		{"confidences", "high", "4 / 4 of 4 shown"},
		{"states", "latent", "1 / 1 of 4 shown"},
		{"states", "new", "1 / 1 of 4 shown"},
		{"text", "LEARN_FROM", "1 / 1 of 4 shown"},
		{"text", "no such text", "0 / 0 of 4 shown"},
	} {
		if got := choose(c.name, c.value); got != c.want {
			t.Errorf("%s = %s: %s, want %s", c.name, c.value, got, c.want)
		}
		reset()
	}
	if got := fmt.Sprint(b.eval(visibleFindings)); got != total {
		t.Errorf("%s findings after reset, want %s", got, total)
	}
	for _, width := range []int{1200, 380} {
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
		if over := b.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != 0.0 {
			t.Errorf("at %d columns the page is %v wider than the window", width, over)
		}
		for _, scheme := range []string{"light", "dark"} {
			b.screenshot(fmt.Sprintf("page-%s-%d", scheme, width), width, scheme)
		}
	}
	for _, c := range b.complaints(page) {
		t.Error(c)
	}
}

// platformInBrowser opens the audit of the fixed platform as people get it.
func platformInBrowser(t *testing.T, b *browser) {
	t.Helper()
	a, opt := platformAudit(t)
	page := writePage(t, must(t, HTML, a, opt))
	b.open(page)
	chapters := newDossier(a, opt)
	total := float64(len(chapters.grave) + len(chapters.latent) + len(chapters.medium) + len(chapters.low))
	if got := b.eval(visibleFindings); got != total {
		t.Errorf("%v findings shown, want %v", got, total)
	}
	// Every link of the contents leads to a place that is there, under a heading or an article.
	if lost := b.eval(`Array.from(document.querySelectorAll("a[href^='#']")).filter(a => !document.getElementById(a.getAttribute("href").slice(1))).map(a => a.href).join(" ")`); lost != "" {
		t.Errorf("these links lead nowhere: %v", lost)
	}
	for name, value := range map[string]string{"severities": "critical", "states": "new"} {
		got := b.eval(fmt.Sprintf(`(async () => {
			const form = document.getElementById("filters");
			form.elements[%q].value = %q;
			form.dispatchEvent(new Event("input", {bubbles: true}));
			await new Promise(r => setTimeout(r, 200));
			const n = %s;
			form.reset();
			await new Promise(r => setTimeout(r, 100));
			return n;
		})()`, name, value, visibleFindings))
		want := 0
		for _, c := range slices.Concat(chapters.grave, chapters.latent, chapters.medium, chapters.low) {
			want += b2i(slices.ContainsFunc(append(c.more, c.head), func(f *report.Finding) bool {
				return string(f.Severity) == value || string(opt.Baseline.State(f)) == value
			}))
		}
		if got != float64(want) || want == 0 {
			t.Errorf("%s %s: %v findings shown, want %d", name, value, got, want)
		}
	}
	for _, width := range []int{1400, 900, 380} {
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
		if over := b.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != 0.0 {
			t.Errorf("at %d columns the page is %v wider than the window", width, over)
		}
		for _, scheme := range []string{"light", "dark"} {
			b.screenshot(fmt.Sprintf("platform-%s-%d", scheme, width), width, scheme)
		}
	}
	for _, c := range b.complaints(page) {
		t.Error(c)
	}
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	defer b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil)
	b.open(page)
	if got := b.eval(visibleFindings); got != total {
		t.Errorf("without JavaScript %v findings are shown, want %v", got, total)
	}
	if steps := b.eval(`document.querySelectorAll("article.finding details").length - document.querySelectorAll("article.finding svg").length`); steps != 0.0 {
		t.Errorf("%v drawings have no text beside them", steps)
	}
}

func pageWithoutJavaScript(t *testing.T, b *browser) {
	t.Helper()
	page := writePage(t, must(t, HTML, platform(), Options{Rules: ruleInfo}))
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	defer b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil)
	b.open(page)
	if got := b.eval(visibleFindings); got != 4.0 {
		t.Errorf("%v findings shown, want 4", got)
	}
	if shown := b.eval(`document.getElementById("filters").offsetParent !== null`); shown != false {
		t.Error("the filters, which need JavaScript, are shown without it")
	}
	if boxes := b.eval(`document.querySelectorAll("svg rect:not([class])").length`); boxes != 4.0 {
		t.Errorf("%v boxes drawn, want 4", boxes)
	}
}

// hostilePages opens pages whose every text is an attack: nothing runs, nothing is
// fetched, and the page keeps its structure.
func hostilePages(t *testing.T, b *browser) {
	t.Helper()
	shape := func(text string) string {
		page := writePage(t, text)
		b.open(page)
		for _, c := range b.complaints(page) {
			t.Error(c)
		}
		return fmt.Sprint(b.eval(`Array.from(document.querySelectorAll("body *")).map(e => e.tagName).filter(n => n !== "SPAN" && n !== "text" && n !== "WBR").join(" ")`))
	}
	want := shape(must(t, HTML, hostile("calm", true), Options{}))
	for _, s := range attacks {
		got := strings.ReplaceAll(shape(must(t, HTML, hostile(s, true), Options{})), " CODE", "")
		if w := strings.ReplaceAll(want, " CODE", ""); got != w { // messages may contain code spans
			t.Errorf("attack %q changes the page:\nwant %s\ngot  %s", s, w, got)
		}
	}
}
