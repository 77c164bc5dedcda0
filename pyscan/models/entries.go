package models

import "strings"

// Entry is how somebody outside the project calls a function.
type Entry uint8

const (
	NoEntry  Entry = iota
	Route          // an HTTP or RPC handler: runs at the same time as itself
	Listener       // called for every event or message
	Job            // called by a scheduler or queue worker
	Start          // called once at start-up or shutdown
	CLI            // called once by a command line
)

var routeVerbs = map[string]bool{"get": true, "post": true, "put": true, "delete": true, "patch": true, "head": true, "options": true, "route": true, "websocket": true, "api_route": true, "websocket_route": true, "trace": true, "api_view": true, "http": true, "handler": true}

var listenerVerbs = map[string]bool{"event": true, "on": true, "listener": true, "listen": true, "on_event": true, "callback": true, "subscriber": true, "subscribe": true, "command": true, "slash_command": true, "hybrid_command": true, "message": true, "message_handler": true, "callback_query": true, "on_message": true, "receiver": true, "middleware": true, "exception_handler": true, "tool": true, "resource": true, "prompt": true, "agent": true, "action": true, "view": true, "query": true, "mutation": true, "subscription": true, "consumer": true, "handle": true}

var jobVerbs = map[string]bool{"task": true, "cron": true, "scheduled_job": true, "actor": true, "job": true, "periodic_task": true, "loop": true, "shared_task": true, "repeat_every": true, "timer": true, "interval": true}

// ByDecorator says how a function with the decorator (dotted as written) is called, with what to
// call it for people. text is the decorator's string argument.
func ByDecorator(name string, called bool, text string) (Entry, string) {
	dot := strings.LastIndexByte(name, '.')
	last := name[dot+1:]
	owner := ""
	if dot > 0 {
		owner = strings.ToLower(name[:dot])
	}
	switch {
	case dot < 0 && (last == "asynccontextmanager" || last == "contextmanager"):
		return NoEntry, ""
	case last == "on_event" && (text == "startup" || text == "shutdown"), last == "before_serving", last == "after_serving",
		last == "before_server_start", last == "after_server_stop", last == "on_startup", last == "on_shutdown", last == "before_app_serving":
		return Start, last
	case dot > 0 && called && routeVerbs[last] && routerName(owner):
		if strings.HasPrefix(text, "/") || text == "" || last == "websocket" {
			verb := strings.ToUpper(last)
			return Route, strings.TrimSpace("route " + verb + " " + text)
		}
	case dot > 0 && listenerVerbs[last] && !strings.HasPrefix(owner, "click") && !strings.HasPrefix(owner, "typer") && owner != "cli":
		return Listener, "called by " + name
	case (dot > 0 || last == "shared_task") && jobVerbs[last]:
		return Job, "job of " + name
	case dot > 0 && last == "command":
		return CLI, name
	}
	return NoEntry, ""
}

func routerName(owner string) bool {
	for _, s := range []string{"app", "router", "api", "route", "blueprint", "bp", "server", "web", "sub", "mcp", "admin", "v1", "v2"} {
		if strings.HasSuffix(owner, s) || strings.HasPrefix(owner, s) {
			return true
		}
	}
	return false
}

// bases are base classes whose methods a framework calls at the same time as themselves.
var bases = map[string]Entry{
	"HTTPEndpoint": Route, "WebSocketEndpoint": Route, "View": Route, "APIView": Route, "MethodView": Route, "RequestHandler": Route, "WebSocketHandler": Route,
	"HTTPMethodView": Route, "Controller": Route, "BaseHTTPMiddleware": Route, "Protocol_": Listener,
	"AsyncWebsocketConsumer": Listener, "Client_": Listener, "Servicer": Route,
}

// transported are the methods of a protocol that its transport calls.
var transported = map[string]bool{
	"connection_made": true, "connection_lost": true, "datagram_received": true, "error_received": true, "data_received": true, "eof_received": true,
	"get_buffer": true, "buffer_updated": true, "pause_writing": true, "resume_writing": true,
}

// hooks are base classes of which a framework calls only the methods with these names by itself; others are
// handlers by their decorators.
var hooks = map[string]map[string]bool{
	"DatagramProtocol": transported, "BufferedProtocol": transported,
	"Cog": {"cog_before_invoke": true, "cog_after_invoke": true, "cog_check": true, "bot_check": true, "bot_check_once": true, "cog_command_error": true, "interaction_check": true},
}

// ByBase says how a method of a class with that base is called.
func ByBase(base, method string) Entry {
	last := base[strings.LastIndexByte(base, '.')+1:]
	if hooks[last][method] {
		return Listener
	}
	if e, ok := bases[last]; ok {
		return e
	}
	if strings.HasSuffix(last, "Servicer") {
		return Route
	}
	return NoEntry
}

// CommandLine says whether a module is imported for the commands of a command line, of which a process runs one.
func CommandLine(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return top == "click" || top == "typer"
}

// Dependency says whether a call of that name, in a signature, names a function that a framework calls for
// every request.
func Dependency(name string) bool {
	name = name[strings.LastIndexByte(name, '.')+1:]
	return name == "Depends" || name == "Security" || name == "Provide"
}

// SyncRoutesInThreads says whether a framework runs handlers that are plain functions in a
// thread pool.
func SyncRoutesInThreads(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return top == "fastapi" || top == "starlette" || top == "litestar"
}
