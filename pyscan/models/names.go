package models

import (
	"slices"
	"strings"
)

// libraries names what a top-level package is, for people; "-" for those without a name worth
// telling.
var libraries = map[string]string{
	"asyncio": "asyncio", "threading": "threading", "anyio": "AnyIO", "trio": "Trio", "curio": "Curio", "concurrent": "-", "contextlib": "-",
	"fastapi": "FastAPI", "starlette": "Starlette", "aiohttp": "aiohttp", "quart": "Quart", "sanic": "Sanic", "litestar": "Litestar", "flask": "Flask",
	"django": "Django", "tornado": "Tornado", "grpc": "gRPC", "arq": "arq", "celery": "Celery", "taskiq": "taskiq", "apscheduler": "APScheduler",
	"discord": "discord.py", "telegram": "python-telegram-bot", "aiogram": "aiogram", "sqlalchemy": "SQLAlchemy", "sqlmodel": "SQLModel", "asyncpg": "asyncpg",
	"aiosqlite": "aiosqlite", "motor": "Motor", "redis": "redis-py", "httpx": "HTTPX", "websockets": "websockets", "aiokafka": "aiokafka",
	"aio_pika": "aio-pika", "nats": "NATS", "tortoise": "Tortoise ORM", "databases": "databases", "psycopg": "psycopg", "pydantic": "-",
	"uvicorn": "Uvicorn", "gunicorn": "Gunicorn", "multiprocessing": "multiprocessing", "dramatiq": "Dramatiq", "rq": "RQ", "streamlit": "Streamlit",
	"typing": "-", "collections": "-", "functools": "-", "weakref": "-", "dataclasses": "-", "queue": "-", "itertools": "-", "copy": "-",
	"slack_bolt": "Slack Bolt", "strawberry": "Strawberry", "graphene": "Graphene", "prefect": "Prefect", "temporalio": "Temporal", "langchain": "LangChain",
	"pymongo": "PyMongo", "beanie": "Beanie", "neo4j": "Neo4j", "elasticsearch": "Elasticsearch", "aiofiles": "aiofiles", "aiomysql": "aiomysql", "aiopg": "aiopg",
	"homeassistant": "Home Assistant", "mcp": "MCP", "zmq": "ZeroMQ", "janus": "Janus", "aiojobs": "aiojobs", "gevent": "gevent", "uvloop": "uvloop",
}

// peers are attributes of requests that hold what the client has sent, and methods that read what the other side
// of a connection says.
var peers = []string{".match_info", ".path_params", ".query_params", ".query", ".headers", ".cookies", ".receive", ".receive_text", ".receive_json", ".receive_str", ".readline", ".readuntil", ".readexactly", ".recv"}

// ChosenByPeer says whether what is spelled so was chosen by the other side of a connection.
func ChosenByPeer(text string) bool {
	return slices.ContainsFunc(peers, func(p string) bool {
		_, after, ok := strings.Cut(text, p)
		return ok && (after == "" || after[0] == '.' || after[0] == '[')
	})
}

// Connection says whether a parameter of that name, or with that annotation, is the connection that a function serves.
func Connection(name, annotation string) bool {
	switch name {
	case "ws", "wsock", "websocket", "sock", "socket", "conn", "connection", "reader", "writer":
		return true
	}
	switch annotation[strings.LastIndexByte(annotation, '.')+1:] {
	case "WebSocket", "WebSocketResponse", "WebSocketServerProtocol", "ServerConnection", "StreamReader", "StreamWriter":
		return true
	}
	return false
}

// makers are the verbs of functions that make something that has to be closed.
var makers = []string{"connect", "open", "start", "create", "dial", "acquire", "launch", "build_client", "make_client", "new_client", "login", "get_client", "new_session", "make_session", "subscribe"}

// made are what the verbs must speak of when the verb alone is too common.
var made = []string{"pool", "conn", "client", "session", "channel", "engine", "socket", "server", "stream", "transport", "browser", "driver", "producer", "consumer", "subscription", "websocket", "process", "broker", "redis", "lease_client"}

// MakesResource says whether a call of that name makes something that has to be closed.
func MakesResource(name string) bool {
	name = strings.ToLower(strings.TrimLeft(name, "_"))
	for _, v := range makers {
		if name == v {
			return v != "create" && v != "acquire" && v != "start" || v == "start"
		}
		if strings.HasPrefix(name, v+"_") {
			if v == "connect" || v == "dial" || v == "open" || v == "login" {
				return true
			}
			for _, m := range made {
				if strings.Contains(name[len(v):], m) {
					return true
				}
			}
		}
	}
	return strings.HasSuffix(name, "connect") && !strings.HasSuffix(name, "disconnect")
}

var closers = map[string]bool{"close": true, "aclose": true, "__aexit__": true, "__exit__": true, "disconnect": true, "shutdown": true, "terminate": true, "wait_closed": true, "dispose": true, "stop": true}

// Closers are the names of methods that give a resource back, in no order; those of context managers aside.
func Closers() []string {
	var out []string
	for name := range closers {
		if !strings.HasPrefix(name, "__") {
			out = append(out, name)
		}
	}
	return out
}

// Closes says whether a method of that name gives a resource back.
func Closes(method string) bool { return closers[method] }

var startup = map[string]bool{
	"__init__": true, "__post_init__": true, "__new__": true, "__aenter__": true, "__enter__": true, "lifespan": true, "startup": true, "on_startup": true, "main": true,
	"_main": true, "amain": true, "async_main": true, "asyncSetUp": true, "setUp": true, "setup_hook": true, "startup_event": true, "__init_subclass__": true,
	"__set_name__": true, "_startup": true, "init_app": true, "setup_module": true, "run_server": true, "on_app_startup": true, "app_startup": true, "__setstate__": true, "connection_made": true,
}

// Startup says whether a function of that name runs once, before its object is shared.
func Startup(name string) bool { return startup[name] }

var shutdown = []string{"close", "aclose", "stop", "shutdown", "disconnect", "teardown", "cleanup", "clean_up", "__aexit__", "__exit__", "__del__", "terminate", "drain", "join", "cancel", "finish", "on_shutdown", "dispose", "quit", "exit", "end", "destroy", "lifespan", "wait_closed", "wait", "tear_down", "abort", "kill", "unload", "cog_unload", "release", "settle", "flush", "wait_idle"}

var starters = map[string]bool{"start": true, "setup": true, "initialize": true, "startup": true, "prepare": true, "boot": true, "bootstrap": true, "launch": true, "init": true, "initialise": true, "set_up": true, "serve": true, "run": true, "start_up": true, "async_setup": true}

// Starts says whether a function of that name is meant to be called once for an object.
func Starts(name string) bool {
	if strings.HasPrefix(name, "__") {
		return false
	}
	name = strings.TrimLeft(name, "_")
	return starters[name] || strings.HasPrefix(name, "start_") || strings.HasPrefix(name, "init_") || strings.HasPrefix(name, "setup_") || strings.HasPrefix(name, "launch_") || startup[name] || initialises(name)
}

// wholes are what a step that initialises it is named after: component_init, server_setup.
var wholes = map[string]bool{"component": true, "server": true, "service": true, "app": true, "application": true, "plugin": true, "module": true, "system": true, "controller": true, "driver": true, "engine": true, "daemon": true, "post": true}

// initialises says whether a name is that of the step in which a whole is initialised (component_init), and not of
// one that is taken whenever something is missing (lazy_init, ensure_setup).
func initialises(name string) bool {
	whole, step, _ := strings.Cut(name, "_")
	return wholes[whole] && (step == "init" || step == "initialize" || step == "initialise" || step == "setup" || step == "startup")
}

var openers = map[string]bool{"connect": true, "open": true, "login": true, "begin": true}

// Opens says whether a function of that name begins to use what its object has started.
func Opens(name string) bool { return openers[name] }

// Begins says whether a function of that name begins the use of its object, as a rule once.
func Begins(name string) bool {
	name = strings.TrimLeft(name, "_")
	return openers[name] || starters[name] || Starts(name) || name == "load" || name == "running"
}

// Starter says whether a function of that name starts its object, and not one of many things.
func Starter(name string) bool { return starters[name] }

// Restarts says whether a function of that name runs whenever something happens, or begins anew.
func Restarts(name string) bool {
	name = strings.TrimLeft(name, "_")
	if strings.HasPrefix(name, "on_") || strings.HasPrefix(name, "handle_") {
		return !strings.Contains(name, "start") && !strings.Contains(name, "setup")
	}
	for _, s := range []string{"reconnect", "restart", "reset", "reload", "resume", "retry", "recover", "reopen", "relaunch", "rejoin"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// Shutdown says whether a function of that name ends what its object has started.
func Shutdown(name string) bool {
	name = strings.TrimLeft(name, "_")
	for _, s := range shutdown {
		bare := strings.TrimLeft(s, "_")
		if name == bare || strings.HasPrefix(name, bare+"_") || strings.HasSuffix(name, "_"+bare) {
			return true
		}
	}
	return name == "aexit__" || name == "exit__"
}

// single are words that end the names of types that one task uses at a time.
var single = []string{"Context", "Ctx", "Request", "Connection", "Cursor", "Transaction", "Pipeline", "WebSocket", "Websocket", "UnitOfWork", "Interaction", "RequestScope",
	"Response", "StreamReader", "StreamWriter", "BodyReader", "Parser", "Decoder", "Encoder", "Compressor", "Decompressor", "Payload", "Authenticator", "Paginator", "Msg", "Message"}

// SingleOwner says whether objects of a type of that name look used by one task at a time.
func SingleOwner(typeName string) bool {
	if dot := strings.LastIndexByte(typeName, '.'); dot >= 0 {
		typeName = typeName[dot+1:]
	}
	for _, s := range single {
		if strings.HasSuffix(typeName, s) {
			return true
		}
	}
	return false
}

// outcomes are words that end the names of types whose objects come out of one call, for whoever made it.
var outcomes = []string{"Stream", "Turn", "Outcome"}

// MakesLater says whether a function of that name is given a class to make instances of it when they are asked for.
func MakesLater(name string) bool {
	return name == "defaultdict" || name == "field" || name == "partial"
}

// HandsOver says whether a method of what has that name does nothing but start something in a group of tasks,
// which owns it from then on.
func HandsOver(base, method string) bool {
	base = strings.ToLower(base)
	group := strings.HasSuffix(base, "group") || strings.HasSuffix(base, "nursery") || strings.HasSuffix(base, "tg")
	return group && (method == "spawn" || method == "create_task" || method == "start_soon")
}

// Made says whether objects of a type of that name look like what one call gives, for its caller alone.
func Made(typeName string) bool {
	return strings.Contains(typeName, "Result") || slices.ContainsFunc(outcomes, func(s string) bool { return strings.HasSuffix(typeName, s) })
}

// Happening says whether objects of a type of that name look like news of something that has happened: they are
// handed to whoever listens, one after the other. A thing to wait for may bear that name, too.
func Happening(typeName string) bool { return strings.HasSuffix(typeName, "Event") }

var singleNames = map[string]bool{"ctx": true, "context": true, "request": true, "req": true, "conn": true, "connection": true, "cursor": true, "cur": true, "ws": true, "websocket": true, "interaction": true, "event": true, "tx": true, "txn": true, "pipe": true, "response": true, "update": true, "message": true}

// SingleName says whether a parameter of that name usually holds such an object.
func SingleName(name string) bool { return singleNames[name] }

// drawers are verbs of functions that make up something, and names of what nobody else has.
var drawers = map[string]bool{"new": true, "make": true, "create": true, "generate": true, "gen": true, "alloc": true, "allocate": true, "draw": true, "unique": true, "random": true, "next": true}

var drawnThings = []string{"id", "uid", "uuid", "guid", "token", "nonce", "seq", "sequence", "serial", "number", "num", "tag", "tsn", "inbox", "ident", "identifier", "counter", "name", "nuid"}

// Draws says whether a function of that name gives something that there has not been before: the next number, a
// name that it makes up.
func Draws(name string) bool {
	name = strings.Trim(strings.ToLower(name), "_")
	if name == "next" {
		return true
	}
	verb, rest, ok := strings.Cut(name, "_")
	if last := rest[strings.LastIndexByte(rest, '_')+1:]; ok && drawers[verb] && slices.Contains(drawnThings, last) {
		return true
	}
	return strings.HasSuffix(name, "_next") || name == "uuid4" || name == "token_hex"
}

var converters = map[string]bool{"str": true, "int": true, "hex": true, "bytes": true, "repr": true, "decode": true, "encode": true, "lower": true, "upper": true, "format": true, "join": true, "to_bytes": true, "bytearray": true}

// Converts says whether a function or method of that name gives another form of what it is called with.
func Converts(name string) bool { return converters[name] }

// LockName says whether a thing of that name is probably a lock.
func LockName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "lock") || strings.HasSuffix(name, "mutex") || strings.HasSuffix(name, "_mtx") || name == "guard" || strings.HasSuffix(name, "_guard")
}
