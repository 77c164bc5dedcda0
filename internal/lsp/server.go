// Package lsp is the language server behind `toctou lsp`: it shows findings in an editor while
// code is written.
//
// Diagnostics come with the places they speak of as related information; hovering shows the
// interleaving; code actions apply a fix or start a suppression whose reason the user has to
// write. The package translates between the protocol and an audit. It analyses nothing, and
// touches no file: the editor applies the edits.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/toctou-lint/toctou/report"
)

// Analysis is what is known about one project.
type Analysis struct {
	Audit *report.Audit
	Shown func(*report.Finding) bool // whether a finding is shown
}

// Options connect the server with the analysis.
type Options struct {
	Version string
	Delay   time.Duration // from the last change to the analysis
	// Project returns the folder that a file is analysed with.
	Project func(file string) string
	// Analyse audits a project; texts are those of open files, by absolute path.
	Analyse func(ctx context.Context, project string, texts map[string][]byte) (*Analysis, error)
	// Fix adds fixes as code to what Analyse returned, where they are for open files. It returns a copy.
	// Nil: fixes are what Analyse gives.
	Fix func(ctx context.Context, project string, texts map[string][]byte, found *Analysis) (*Analysis, error)
	// RuleURL returns the address of a rule's page, "" if it has none.
	RuleURL func(rule string) string
}

// ErrNoClient means that nobody at the other end spoke the protocol.
var ErrNoClient = errors.New("nobody speaks the Language Server Protocol on standard input: this command is started by an editor")

// Serve speaks the protocol over a stream until the client says exit, the stream ends, or ctx is
// done.
func Serve(ctx context.Context, stream io.ReadWriteCloser, opt Options) error {
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{opt: opt, ctx: ctx, exit: cancel, ready: make(chan struct{}), docs: map[string]document{}, projects: map[string]*project{}}
	handler := jsonrpc2.HandlerWithError(s.handle).SuppressErrClosed()
	s.conn = jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(stream, jsonrpc2.VSCodeObjectCodec{}), handler, jsonrpc2.SetLogger(silent{}))
	close(s.ready)
	select {
	case <-ctx.Done():
	case <-s.conn.DisconnectNotify():
	}
	err := s.conn.Close()
	cancel()
	s.running.Wait()
	if errors.Is(err, jsonrpc2.ErrClosed) {
		err = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known && err == nil && outer.Err() == nil {
		err = ErrNoClient
	}
	return err
}

// silent keeps the connection from writing to standard error.
type silent struct{}

func (silent) Printf(string, ...any) {}

type server struct {
	opt     Options
	ctx     context.Context // the life of the connection, which has no other carrier
	exit    func()
	conn    *jsonrpc2.Conn
	ready   chan struct{} // closed once conn is set
	running sync.WaitGroup

	mu       sync.Mutex
	known    bool // the client has spoken
	lens     bool
	shutdown bool
	docs     map[string]document // open files, by path
	projects map[string]*project // by folder
}

// document is an open file as the editor has it.
type document struct {
	text    []byte
	version int
}

// project is a folder whose findings are shown.
type project struct {
	cancel    context.CancelFunc
	latest    *Analysis
	texts     map[string][]byte // the open files as they were analysed
	published map[string]bool   // files that show diagnostics
	telling   sync.Mutex        // held while the client is told: an older result must not come last
}

func (s *server) handle(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
	handler, ok := handlers[req.Method]
	if !ok {
		if req.Notif {
			return nil, nil
		}
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: req.Method + " is not supported"}
	}
	result, err := handler(s, req.Params)
	if _, bad := errors.AsType[*json.SyntaxError](err); bad {
		err = &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	} else if _, bad := errors.AsType[*json.UnmarshalTypeError](err); bad {
		err = &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return result, err
}

var handlers = map[string]func(*server, *json.RawMessage) (any, error){
	"initialize":              (*server).initialize,
	"shutdown":                (*server).shutDown,
	"exit":                    (*server).leave,
	"textDocument/didOpen":    (*server).didOpen,
	"textDocument/didChange":  (*server).didChange,
	"textDocument/didSave":    (*server).didSave,
	"textDocument/didClose":   (*server).didClose,
	"textDocument/hover":      (*server).hover,
	"textDocument/codeAction": (*server).codeActions,
	"textDocument/codeLens":   (*server).codeLenses,
}

func (s *server) initialize(raw *json.RawMessage) (any, error) {
	params, err := decode[initializeParams](raw)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.known = true
	s.lens = params.InitializationOptions.CodeLens
	s.mu.Unlock()
	var r initializeResult
	r.ServerInfo.Name, r.ServerInfo.Version = "toctou", s.opt.Version
	c := &r.Capabilities
	c.PositionEncoding = "utf-16"
	c.TextDocumentSync.OpenClose, c.TextDocumentSync.Change, c.TextDocumentSync.Save = true, 1, true
	c.HoverProvider = true
	c.CodeActionProvider.CodeActionKinds = []string{quickFix}
	if s.lens {
		c.CodeLensProvider = &struct{}{}
	}
	return r, nil
}

func (s *server) shutDown(*json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shutdown = true
	for _, p := range s.projects {
		p.stop()
	}
	return nil, nil
}

func (s *server) leave(*json.RawMessage) (any, error) {
	s.exit()
	return nil, nil
}

func (s *server) didOpen(raw *json.RawMessage) (any, error) {
	params, err := decode[documentParams](raw)
	if err == nil {
		s.update(params.TextDocument, params.TextDocument.Text)
	}
	return nil, err
}

func (s *server) didChange(raw *json.RawMessage) (any, error) {
	params, err := decode[didChangeParams](raw)
	if n := len(params.ContentChanges); err == nil && n > 0 {
		s.update(params.TextDocument, params.ContentChanges[n-1].Text)
	}
	return nil, err
}

func (s *server) didSave(raw *json.RawMessage) (any, error) {
	params, err := decode[documentParams](raw)
	if file, ok := fileOf(params.TextDocument.URI); err == nil && ok {
		s.schedule(file)
	}
	return nil, err
}

func (s *server) didClose(raw *json.RawMessage) (any, error) {
	params, err := decode[documentParams](raw)
	if file, ok := fileOf(params.TextDocument.URI); err == nil && ok {
		s.mu.Lock()
		delete(s.docs, file)
		s.mu.Unlock()
		s.schedule(file)
	}
	return nil, err
}

func (s *server) update(doc textDocument, text string) {
	file, ok := fileOf(doc.URI)
	if !ok {
		return
	}
	s.mu.Lock()
	s.docs[file] = document{[]byte(text), doc.Version}
	s.mu.Unlock()
	s.schedule(file)
}

// schedule has the project of a file analysed once no more changes come in. An analysis that is
// under way is given up: it looks at what no longer is.
func (s *server) schedule(file string) {
	folder := s.opt.Project(file)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shutdown || s.ctx.Err() != nil {
		return
	}
	p := s.projects[folder]
	if p == nil {
		p = &project{published: map[string]bool{}}
		s.projects[folder] = p
	}
	p.stop()
	ctx, cancel := context.WithCancel(s.ctx)
	p.cancel = cancel
	s.running.Add(1)
	timer := time.AfterFunc(s.opt.Delay, func() {
		defer s.running.Done()
		defer cancel()
		s.analyse(ctx, folder, p)
	})
	context.AfterFunc(ctx, func() {
		if timer.Stop() { // it will not run any more
			s.running.Done()
		}
	})
}

func (p *project) stop() {
	if p.cancel != nil {
		p.cancel()
	}
}

func (s *server) analyse(ctx context.Context, folder string, p *project) {
	res, texts := s.tell(ctx, folder, p)
	if res == nil || s.opt.Fix == nil {
		return
	}
	fixed, err := s.opt.Fix(ctx, folder, texts, res)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && p.latest == res { // what is shown stays; only the actions become more
		p.latest = fixed
	}
}

// tell analyses a project and shows what was found; nil if it was given up.
func (s *server) tell(ctx context.Context, folder string, p *project) (*Analysis, map[string][]byte) {
	s.mu.Lock()
	texts, versions := map[string][]byte{}, map[string]int{}
	for file, doc := range s.docs {
		if rel, err := filepath.Rel(folder, file); err == nil && filepath.IsLocal(rel) {
			texts[file], versions[file] = doc.text, doc.version
		}
	}
	s.mu.Unlock()
	res, err := s.opt.Analyse(ctx, folder, texts)
	p.telling.Lock()
	defer p.telling.Unlock()
	if ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		s.notify("window/showMessage", showMessageParams{Type: 1, Message: "toctou: " + err.Error()})
		return nil, nil
	}
	s.mu.Lock()
	p.latest, p.texts = res, texts
	before := p.published
	p.published = map[string]bool{}
	v := newViewer(folder, texts)
	messages := s.diagnostics(res, v)
	for file := range messages {
		p.published[file] = true
	}
	s.mu.Unlock()
	for file := range before {
		if _, still := messages[file]; !still {
			messages[file] = []diagnostic{}
		}
	}
	for file, list := range messages {
		params := publishDiagnosticsParams{URI: uriOf(file), Diagnostics: list}
		if n, open := versions[file]; open {
			params.Version = &n
		}
		s.notify("textDocument/publishDiagnostics", params)
	}
	return res, texts
}

// notify tells the client; one that has gone need not be told.
func (s *server) notify(method string, params any) {
	<-s.ready
	_ = s.conn.Notify(s.ctx, method, params)
}
