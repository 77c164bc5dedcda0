package models

import "github.com/toctou-lint/toctou/internal/flow"

// Kind is what a library type is, as far as concurrency is concerned.
type Kind uint8

const (
	Object     Kind = iota
	Dict            // elements by key
	List            // elements by position
	Set             // elements are their own keys
	Immutable       // a value that cannot change
	Lock            // excludes
	Semaphore       // excludes if it was made with 1
	Condition       // a lock with a wait
	Event           // a flag that tasks wait for
	Future          // completed once
	TaskHandle      // a future that runs
	Queue           // hands over elements
	TaskGroup       // owns the tasks started through it
	Loop            // the event loop
	Executor        // runs functions in threads
	Resource        // must be closed
	Thread          // a thread
	Jobs            // runs functions after the response, or on a schedule
	Iterator        // counts or yields
)

// Type is what is known of a library type.
type Type struct {
	Kind       Kind
	Thread     bool // of a lock: excludes threads
	Reentrant  bool
	Checkpoint bool // even an uncontended acquisition suspends (trio, anyio)
	Single     bool // used by one task at a time
	Private    bool // each thread sees its own attributes
	KeyValue   bool // a server of keys and values
	Store      bool // a database: its calls load and save records
	App        bool // the application, of which there is one
	ToApp      bool // of one request or event, but leads to the application
}

var types = map[string]*Type{
	"dict": {Kind: Dict}, "defaultdict": {Kind: Dict}, "list": {Kind: List}, "set": {Kind: Set}, "deque": {Kind: List}, "weakdict": {Kind: Dict}, "weakset": {Kind: Set},
	"frozenset": {Kind: Immutable}, "tuple": {Kind: Immutable}, "str": {Kind: Immutable}, "int": {Kind: Immutable}, "float": {Kind: Immutable},
	"bool": {Kind: Immutable}, "bytes": {Kind: Immutable}, "complex": {Kind: Immutable}, "None": {Kind: Immutable},
	"decimal.Decimal": {Kind: Immutable}, "datetime.datetime": {Kind: Immutable}, "datetime.timedelta": {Kind: Immutable}, "uuid.UUID": {Kind: Immutable},
	"pathlib.Path": {Kind: Immutable}, "enum.Enum": {Kind: Immutable}, "bytearray": {Kind: List}, "itertools.count": {Kind: Iterator},

	"asyncio.Lock":               {Kind: Lock},
	"asyncio.Condition":          {Kind: Condition},
	"asyncio.Semaphore":          {Kind: Semaphore},
	"asyncio.BoundedSemaphore":   {Kind: Semaphore},
	"trio.Lock":                  {Kind: Lock, Checkpoint: true},
	"trio.StrictFIFOLock":        {Kind: Lock, Checkpoint: true},
	"trio.Semaphore":             {Kind: Semaphore, Checkpoint: true},
	"trio.CapacityLimiter":       {Kind: Semaphore, Checkpoint: true},
	"trio.Condition":             {Kind: Condition, Checkpoint: true},
	"anyio.Lock":                 {Kind: Lock, Checkpoint: true},
	"anyio.Semaphore":            {Kind: Semaphore, Checkpoint: true},
	"anyio.CapacityLimiter":      {Kind: Semaphore, Checkpoint: true},
	"anyio.Condition":            {Kind: Condition, Checkpoint: true},
	"aiorwlock.RWLock":           {Kind: Lock},
	"aiologic.Lock":              {Kind: Lock, Thread: true},
	"threading.Lock":             {Kind: Lock, Thread: true},
	"threading.RLock":            {Kind: Lock, Thread: true, Reentrant: true},
	"threading.Condition":        {Kind: Condition, Thread: true, Reentrant: true},
	"threading.Semaphore":        {Kind: Semaphore, Thread: true},
	"threading.BoundedSemaphore": {Kind: Semaphore, Thread: true},
	"multiprocessing.Lock":       {Kind: Lock, Thread: true},
	"multiprocessing.RLock":      {Kind: Lock, Thread: true, Reentrant: true},
	"filelock.FileLock":          {Kind: Lock, Thread: true},
	"filelock.AsyncFileLock":     {Kind: Lock, Checkpoint: true},
	"redis.asyncio.lock.Lock":    {Kind: Lock, Checkpoint: true},
	"aioredlock.Aioredlock":      {Kind: Lock, Checkpoint: true},

	"asyncio.Event": {Kind: Event}, "trio.Event": {Kind: Event}, "anyio.Event": {Kind: Event}, "threading.Event": {Kind: Event},
	"asyncio.Future": {Kind: Future}, "concurrent.futures.Future": {Kind: Future},
	"asyncio.Task": {Kind: TaskHandle}, "asyncio.Timeout": {Kind: Object},
	"asyncio.Queue": {Kind: Queue}, "asyncio.LifoQueue": {Kind: Queue}, "asyncio.PriorityQueue": {Kind: Queue}, "queue.Queue": {Kind: Queue},
	"queue.SimpleQueue": {Kind: Queue}, "queue.LifoQueue": {Kind: Queue}, "queue.PriorityQueue": {Kind: Queue},
	"asyncio.TaskGroup": {Kind: TaskGroup}, "trio.Nursery": {Kind: TaskGroup}, "anyio.abc.TaskGroup": {Kind: TaskGroup}, "anyio.TaskGroup": {Kind: TaskGroup},
	"aiotools.TaskGroup": {Kind: TaskGroup}, "aiojobs.Scheduler": {Kind: TaskGroup}, "quattro.TaskGroup": {Kind: TaskGroup},
	"asyncio.AbstractEventLoop": {Kind: Loop}, "asyncio.BaseEventLoop": {Kind: Loop}, "asyncio.Runner": {Kind: Object},
	"concurrent.futures.ThreadPoolExecutor": {Kind: Executor}, "concurrent.futures.Executor": {Kind: Executor}, "concurrent.futures.ProcessPoolExecutor": {Kind: Object},
	"threading.Thread": {Kind: Thread}, "threading.local": {Private: true}, "gevent.local.local": {Private: true}, "asyncio.TimerHandle": {Kind: TaskHandle}, "asyncio.Handle": {Kind: TaskHandle},
	"starlette.background.BackgroundTasks": {Kind: Jobs}, "apscheduler.schedulers.asyncio.AsyncIOScheduler": {Kind: Jobs},
	"apscheduler.schedulers.background.BackgroundScheduler": {Kind: Jobs},

	"aiohttp.ClientSession": {Kind: Resource}, "httpx.AsyncClient": {Kind: Resource}, "httpx.Client": {Kind: Resource},
	"aiohttp.TCPConnector": {Kind: Resource}, "aiohttp.ClientWebSocketResponse": {Kind: Resource, Single: true},
	"asyncpg.Pool": {Kind: Resource, Store: true}, "asyncpg.pool.Pool": {Kind: Resource, Store: true},
	"asyncpg.Connection": {Kind: Resource, Single: true, Store: true}, "asyncpg.connection.Connection": {Kind: Resource, Single: true, Store: true},
	"aiosqlite.Connection": {Kind: Resource, Store: true}, "aiosqlite.Cursor": {Kind: Resource, Single: true, Store: true},
	"databases.Database":  {Kind: Resource, Store: true},
	"redis.asyncio.Redis": {Kind: Resource, KeyValue: true}, "redis.asyncio.StrictRedis": {Kind: Resource, KeyValue: true}, "redis.asyncio.RedisCluster": {Kind: Resource, KeyValue: true}, "redis.asyncio.client.Pipeline": {Kind: Resource, Single: true},
	"redis.asyncio.client.PubSub": {Kind: Resource, Single: true}, "redis.asyncio.ConnectionPool": {Kind: Resource}, "redis.Redis": {Kind: Resource},
	"motor.motor_asyncio.AsyncIOMotorClient": {Kind: Resource}, "motor.motor_asyncio.AsyncIOMotorCollection": {Store: true},
	"pymongo.AsyncMongoClient":           {Kind: Resource},
	"sqlalchemy.ext.asyncio.AsyncEngine": {Kind: Resource}, "sqlalchemy.ext.asyncio.AsyncSession": {Kind: Resource, Single: true, Store: true},
	"sqlalchemy.ext.asyncio.AsyncConnection": {Kind: Resource, Single: true, Store: true}, "sqlalchemy.orm.Session": {Kind: Resource, Single: true, Store: true},
	"aiokafka.AIOKafkaProducer": {Kind: Resource}, "aiokafka.AIOKafkaConsumer": {Kind: Resource}, "grpc.aio.Channel": {Kind: Resource},
	"elasticsearch.AsyncElasticsearch": {Kind: Resource}, "aiobotocore.client.AioBaseClient": {Kind: Resource}, "websockets.WebSocketClientProtocol": {Kind: Resource},
	"openai.AsyncOpenAI": {Kind: Resource}, "anthropic.AsyncAnthropic": {Kind: Resource}, "neo4j.AsyncDriver": {Kind: Resource}, "nats.aio.client.Client": {Kind: Resource},
	"asyncio.StreamWriter": {Kind: Resource, Single: true}, "asyncio.StreamReader": {Single: true}, "asyncio.subprocess.Process": {Kind: Resource},
	"zmq.asyncio.Context": {Kind: Resource}, "zmq.asyncio.Socket": {Kind: Resource},

	"asyncio.Protocol": {Single: true}, "asyncio.BufferedProtocol": {Single: true}, "asyncio.SubprocessProtocol": {Single: true},
	"fastapi.Request": {Single: true, ToApp: true}, "starlette.requests.Request": {Single: true, ToApp: true}, "fastapi.WebSocket": {Single: true, ToApp: true},
	"starlette.websockets.WebSocket": {Single: true, ToApp: true}, "aiohttp.web.Request": {Single: true, ToApp: true}, "aiohttp.web.WebSocketResponse": {Kind: Resource, Single: true},
	"aiohttp.web.StreamResponse": {Single: true}, "discord.Interaction": {Single: true, ToApp: true}, "discord.ext.commands.Context": {Single: true, ToApp: true},
	"telegram.Update": {Single: true}, "sanic.Request": {Single: true, ToApp: true}, "sanic.request.Request": {Single: true, ToApp: true},
	"fastapi.FastAPI": {App: true}, "starlette.applications.Starlette": {App: true}, "aiohttp.web.Application": {App: true}, "quart.Quart": {App: true},
	"sanic.Sanic": {App: true}, "litestar.Litestar": {App: true}, "discord.ext.commands.Bot": {App: true}, "discord.Client": {App: true},
	"tornado.web.RequestHandler": {Single: true}, "tornado.websocket.WebSocketHandler": {Single: true}, "aiohttp.web.View": {Single: true},
	"starlette.endpoints.HTTPEndpoint": {Single: true}, "starlette.endpoints.WebSocketEndpoint": {Single: true},
	"fastapi.Response": {Single: true}, "starlette.responses.Response": {Single: true}, "litestar.Request": {Single: true, ToApp: true},
}

// appNames are the attributes under which a request or event leads to its application.
var appNames = map[string]bool{"app": true, "bot": true, "client": true}

// LeadsToApp says whether an attribute of a value is the application: of a request by its type or, if
// that is not known, by what everybody calls it.
func LeadsToApp(t *Type, typed bool, name, attr string) bool {
	if typed {
		return t != nil && t.ToApp && appNames[attr]
	}
	return attr == "app" && (name == "request" || name == "req" || name == "websocket")
}

// Suspends says whether awaiting a call of the method, on a library type of that kind, suspends.
// Known is false if the tables do not tell.
func (t *Type) Suspends(method string) (s flow.Tri, known bool) {
	switch t.Kind {
	case Lock, Semaphore, Condition:
		if method == "acquire" && t.Checkpoint {
			return flow.Must, true
		}
		return flow.May, true
	case Event, Queue, Future, TaskHandle:
		return flow.May, true
	}
	return flow.May, false
}
