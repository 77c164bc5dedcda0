package models

import "github.com/toctou-lint/toctou/internal/flow"

// homes folds submodules into the package that exports their names.
var homes = map[string]string{
	"asyncio.locks": "asyncio", "asyncio.tasks": "asyncio", "asyncio.queues": "asyncio", "asyncio.futures": "asyncio",
	"asyncio.events": "asyncio", "asyncio.timeouts": "asyncio", "asyncio.taskgroups": "asyncio", "asyncio.threads": "asyncio",
	"concurrent.futures.thread": "concurrent.futures", "typing_extensions": "typing", "collections.abc": "typing",
	"anyio.to_thread": "anyio.to_thread", "starlette.concurrency": "fastapi.concurrency",
	"sqlalchemy.ext.asyncio.session": "sqlalchemy.ext.asyncio", "async_timeout": "asyncio",
	"asgiref.sync": "asgiref", "uvloop": "asyncio",
}

// aliases are other names of one thing.
var aliases = map[string]string{
	"asyncio.async": "asyncio.ensure_future", "asyncio.run_until_complete": "asyncio.run",
	"fastapi.BackgroundTasks": "starlette.background.BackgroundTasks",
	"typing.Dict":             "dict", "typing.List": "list", "typing.Set": "set", "typing.Tuple": "tuple", "typing.FrozenSet": "frozenset",
	"typing.DefaultDict": "dict", "typing.OrderedDict": "dict", "typing.Deque": "deque", "typing.MutableMapping": "dict",
	"typing.Mapping": "dict", "typing.MutableSequence": "list", "typing.Sequence": "list", "typing.MutableSet": "set",
	"typing.AbstractSet": "set", "typing.Counter": "defaultdict", "typing.ChainMap": "dict", "typing.Text": "str", "typing.Type": "type",
	"collections.defaultdict": "defaultdict", "collections.OrderedDict": "dict", "collections.Counter": "defaultdict", "collections.deque": "deque",
	"collections.UserDict": "dict", "collections.UserList": "list", "collections.ChainMap": "dict",
	"weakref.WeakValueDictionary": "weakdict", "weakref.WeakKeyDictionary": "weakdict", "weakref.WeakSet": "weakset",
	"OrderedDict": "dict", "sortedcontainers.SortedDict": "dict", "sortedcontainers.SortedList": "list",
	"sortedcontainers.SortedSet": "set", "cachetools.TTLCache": "dict", "cachetools.LRUCache": "dict", "cachetools.Cache": "dict",
	"multidict.CIMultiDict": "dict", "multidict.MultiDict": "dict",
}

// callables lists library functions. A type listed in types is called to make one.
var callables = map[string]Callable{
	// Tasks.
	"asyncio.create_task":                      {Role: Spawn, Type: "asyncio.Task", Eager: python(3, 12)},
	"asyncio.ensure_future":                    {Role: Spawn, Type: "asyncio.Task", Eager: python(3, 12)},
	"asyncio.Task":                             {Role: Spawn, Type: "asyncio.Task", Eager: python(3, 12)},
	"asyncio.run_coroutine_threadsafe":         {Role: Spawn, Type: "concurrent.futures.Future"},
	"asyncio.eager_task_factory":               {Role: Spawn, Arg: 1, Type: "asyncio.Task", Eager: python(3, 12)},
	"asyncio.run":                              {Role: Run},
	"anyio.run":                                {Role: Run, Factory: true},
	"trio.run":                                 {Role: Run, Factory: true},
	"trio.lowlevel.spawn_system_task":          {Role: Spawn, Factory: true, Owned: true},
	"anyio.from_thread.run":                    {Role: Run, Factory: true},
	"asgiref.async_to_sync":                    {Role: Plain},
	"asyncio.current_task":                     {Role: CurrentTask, Type: "asyncio.Task"},
	"asyncio.gather":                           {Role: Gather, Suspends: flow.Must, Type: "asyncio.Future"},
	"asyncio.wait":                             {Role: WaitAll, Suspends: flow.Must},
	"asyncio.as_completed":                     {Role: AsCompleted, Suspends: flow.Must},
	"asyncio.wait_for":                         {Role: WaitFor, Suspends: flow.Must, Limits: true, InPlace: python(3, 12)},
	"concurrent.futures.wait":                  {Role: WaitAll, Ready: true},
	"concurrent.futures.as_completed":          {Role: WaitAll, Ready: true},
	"asyncio.shield":                           {Role: WaitFor, Suspends: flow.Must, Type: "asyncio.Future"},
	"asyncio.wrap_future":                      {Role: WaitFor, Suspends: flow.Must, Type: "asyncio.Future"},
	"asyncio.staggered.staggered_race":         {Role: Plain, Suspends: flow.Must},
	"asyncio.sleep":                            {Suspends: flow.Must, Sleeps: true},
	"trio.sleep":                               {Suspends: flow.Must, Sleeps: true},
	"anyio.sleep":                              {Suspends: flow.Must, Sleeps: true},
	"trio.sleep_forever":                       {Suspends: flow.Must},
	"anyio.sleep_forever":                      {Suspends: flow.Must},
	"trio.sleep_until":                         {Suspends: flow.Must, Sleeps: true},
	"anyio.sleep_until":                        {Suspends: flow.Must, Sleeps: true},
	"trio.lowlevel.checkpoint":                 {Suspends: flow.Must},
	"anyio.lowlevel.checkpoint":                {Suspends: flow.Must},
	"trio.lowlevel.cancel_shielded_checkpoint": {Suspends: flow.Must},
	"curio.sleep":                              {Suspends: flow.Must, Sleeps: true},
	"curio.spawn":                              {Role: Spawn, Factory: true, Type: "asyncio.Task"},
	"asyncio.open_connection":                  {Suspends: flow.Must, Value: flow.ValueResource},
	"asyncio.start_server":                     {Suspends: flow.Must, Value: flow.ValueResource, Handler: true},
	"asyncio.open_unix_connection":             {Suspends: flow.Must, Value: flow.ValueResource},
	"asyncio.start_unix_server":                {Suspends: flow.Must, Value: flow.ValueResource, Handler: true},
	"asyncio.create_subprocess_exec":           {Suspends: flow.Must, Value: flow.ValueResource},
	"asyncio.create_subprocess_shell":          {Suspends: flow.Must, Value: flow.ValueResource},

	// Threads.
	"asyncio.to_thread":                     {Role: InThread, Suspends: flow.Must},
	"anyio.to_thread.run_sync":              {Role: InThread, Suspends: flow.Must},
	"trio.to_thread.run_sync":               {Role: InThread, Suspends: flow.Must},
	"anyio.to_process.run_sync":             {Suspends: flow.Must},
	"fastapi.concurrency.run_in_threadpool": {Role: InThread, Suspends: flow.Must},
	"asgiref.sync_to_async":                 {Role: InThread, Suspends: flow.Must},
	"threading.Thread":                      {Role: InThread, Arg: -1, Type: "threading.Thread", Value: flow.ValueTask},
	"threading.Timer":                       {Role: InThread, Arg: 1, Type: "threading.Thread", Value: flow.ValueTask},
	"_thread.start_new_thread":              {Role: InThread},

	// Locks without a class of their own.
	"asyncio.get_event_loop":   {Role: Identity, Type: "asyncio.AbstractEventLoop"},
	"asyncio.get_running_loop": {Role: Identity, Type: "asyncio.AbstractEventLoop"},
	"asyncio.new_event_loop":   {Type: "asyncio.AbstractEventLoop"},
	"asyncio.timeout":          {Role: TimeLimit, Limits: true},
	"asyncio.timeout_at":       {Role: TimeLimit, Limits: true},
	"anyio.move_on_after":      {Role: TimeLimit, Limits: true},
	"anyio.fail_after":         {Role: TimeLimit, Limits: true},
	"anyio.CancelScope":        {Role: TimeLimit},
	"trio.move_on_after":       {Role: TimeLimit},
	"trio.fail_after":          {Role: TimeLimit},
	"trio.CancelScope":         {Role: TimeLimit},
	"trio.open_nursery":        {Type: "trio.Nursery"},
	"anyio.create_task_group":  {Type: "anyio.abc.TaskGroup"},
	"contextlib.suppress":      {Role: Suppress},
	"contextlib.nullcontext":   {Role: TimeLimit},
	"contextlib.closing":       {Role: Closing},
	"contextlib.aclosing":      {Role: Closing},
	"anyio.create_event":       {Type: "asyncio.Event"},
	"anyio.create_lock":        {Type: "anyio.Lock"},

	// Functions over functions and values.
	"heapq.heappush": {Role: Acts, Type: "append"}, "heapq.heappop": {Role: Acts, Type: "pop"}, "bisect.insort": {Role: Acts, Type: "append"},

	"weakref.ref": {Role: Weak}, "weakref.proxy": {Role: Weak}, "weakref.finalize": {Role: Weak},
	"functools.partial":        {Role: Partial},
	"functools.partialmethod":  {Role: Partial},
	"functools.wraps":          {Role: Decorate},
	"functools.lru_cache":      {Role: Decorate},
	"functools.cache":          {Role: Decorate},
	"contextvars.copy_context": {Role: Plain},
	"dataclasses.replace":      {Role: Replace},
	"copy.replace":             {Role: Replace},
	"copy.copy":                {Role: Copy},
	"copy.deepcopy":            {Role: Copy},
	"typing.cast":              {Role: Passes, Arg: 1},
	"types.MappingProxyType":   {Role: Passes},
	"inspect.isawaitable":      {Role: Plain},

	// Builtins.
	"list": {Role: Copy, Type: "list"}, "tuple": {Role: Copy, Type: "tuple"}, "set": {Role: Copy, Type: "set"},
	"frozenset": {Role: Copy, Type: "frozenset"}, "dict": {Role: Copy, Type: "dict"}, "sorted": {Role: Copy, Type: "list"},
	"sum": {Role: Copy, Value: flow.ValuePlain}, "min": {Role: Copy}, "max": {Role: Copy}, "random.choice": {Role: Copy}, "any": {Role: Copy, Value: flow.ValuePlain}, "all": {Role: Copy, Value: flow.ValuePlain},
	"enumerate": {Role: View}, "reversed": {Role: View}, "iter": {Role: View}, "zip": {Role: View}, "map": {Role: View, Arg: 1},
	"filter": {Role: View, Arg: 1}, "itertools.chain": {Role: View}, "itertools.islice": {Role: View}, "itertools.cycle": {Role: View},
	"len": {Role: Size, Value: flow.ValuePlain}, "bool": {Role: Size, Value: flow.ValuePlain},
	"int": {Value: flow.ValuePlain}, "float": {Value: flow.ValuePlain}, "str": {Value: flow.ValuePlain}, "bytes": {Value: flow.ValuePlain},
	"abs": {Value: flow.ValuePlain}, "round": {Value: flow.ValuePlain}, "repr": {Value: flow.ValuePlain}, "hash": {Value: flow.ValuePlain},
	"time.time": {Value: flow.ValuePlain}, "time.monotonic": {Value: flow.ValuePlain}, "time.perf_counter": {Value: flow.ValuePlain},
	"datetime.datetime.now": {Value: flow.ValuePlain}, "datetime.datetime.utcnow": {Value: flow.ValuePlain},
	"uuid.uuid1": {Value: flow.ValuePlain, Unique: true}, "uuid.uuid4": {Value: flow.ValuePlain, Unique: true}, "uuid.uuid7": {Value: flow.ValuePlain, Unique: true},
	"secrets.token_hex": {Value: flow.ValuePlain, Unique: true}, "secrets.token_urlsafe": {Value: flow.ValuePlain, Unique: true}, "secrets.token_bytes": {Value: flow.ValuePlain, Unique: true},
	"json.dumps": {Value: flow.ValuePlain}, "os.path.getmtime": {Value: flow.ValuePlain},
	"defaultdict": {Role: Copy, Type: "defaultdict"}, "deque": {Role: Copy, Type: "deque"},

	// Resources by their makers.
	"asyncpg.create_pool":                        {Suspends: flow.Must, Type: "asyncpg.Pool", Value: flow.ValueResource},
	"asyncpg.connect":                            {Suspends: flow.Must, Type: "asyncpg.Connection", Value: flow.ValueResource},
	"aiomysql.create_pool":                       {Suspends: flow.Must, Value: flow.ValueResource},
	"aiopg.create_pool":                          {Suspends: flow.Must, Value: flow.ValueResource},
	"aiosqlite.connect":                          {Suspends: flow.Must, Type: "aiosqlite.Connection", Value: flow.ValueResource},
	"aioredis.create_redis_pool":                 {Suspends: flow.Must, Value: flow.ValueResource},
	"aioredis.from_url":                          {Type: "redis.asyncio.Redis", Value: flow.ValueResource},
	"redis.asyncio.from_url":                     {Type: "redis.asyncio.Redis", Value: flow.ValueResource},
	"sqlalchemy.ext.asyncio.create_async_engine": {Type: "sqlalchemy.ext.asyncio.AsyncEngine", Value: flow.ValueResource},
	"sqlalchemy.create_engine":                   {Value: flow.ValueResource},
	"aio_pika.connect":                           {Suspends: flow.Must, Value: flow.ValueResource},
	"aio_pika.connect_robust":                    {Suspends: flow.Must, Value: flow.ValueResource},
	"nats.connect":                               {Suspends: flow.Must, Value: flow.ValueResource},
	"websockets.connect":                         {Suspends: flow.Must, Value: flow.ValueResource},
	"websockets.serve":                           {Suspends: flow.Must, Value: flow.ValueResource, Handler: true},
	"websockets.asyncio.server.serve":            {Suspends: flow.Must, Value: flow.ValueResource, Handler: true},
	"websockets.server.serve":                    {Suspends: flow.Must, Value: flow.ValueResource, Handler: true},
	"aiohttp.web.get":                            {Handler: true},
	"aiohttp.web.post":                           {Handler: true},
	"aiohttp.web.put":                            {Handler: true},
	"aiohttp.web.patch":                          {Handler: true},
	"aiohttp.web.delete":                         {Handler: true},
	"aiohttp.web.route":                          {Handler: true},
	"starlette.routing.Route":                    {Handler: true},
	"starlette.routing.WebSocketRoute":           {Handler: true},
	"grpc.aio.insecure_channel":                  {Type: "grpc.aio.Channel", Value: flow.ValueResource},
	"grpc.aio.secure_channel":                    {Type: "grpc.aio.Channel", Value: flow.ValueResource},
	"grpc.aio.server":                            {Value: flow.ValueResource},
	"psycopg.AsyncConnection.connect":            {Suspends: flow.Must, Value: flow.ValueResource},
	"arq.create_pool":                            {Suspends: flow.Must, Value: flow.ValueResource},
	"open":                                       {Value: flow.ValueResource},
	"aiofiles.open":                              {Suspends: flow.Must, Value: flow.ValueResource},
}

// PicksOne says whether a function gives one of the members of what it is handed.
func PicksOne(name string) bool { return name == "min" || name == "max" || name == "random.choice" }

// neverReturn are calls that end in an exception, by what they are called on, and the annotations that say so.
var neverReturn = map[string]bool{
	"NoReturn": true, "Never": true,
	"sys.exit": true, "os.abort": true, "os._exit": true, "exit": true, "quit": true,
	"context.abort": true, "context.abort_with_status": true, // grpc.aio.ServicerContext
	"pytest.fail": true, "pytest.skip": true,
}

// NeverReturns says whether a call of that name, or a function with that annotation, never returns.
func NeverReturns(name string) bool { return neverReturn[name] }
