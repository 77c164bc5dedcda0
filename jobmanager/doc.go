// Package jobmanager runs jobs in the background of one process: it is the reference for how to do so without a race
// between what was checked and what is done. It has no lock across I/O; four ideas take its place.
//
//   - A reservation, by identity: who runs a job, and in which slot, is decided in one step in memory, before any I/O,
//     and undone only by the one who made it (reservations).
//   - Compare-and-set: a record changes only if it is still the one that the decision was made on (Store, update).
//   - Every task has an owner: a run cleans up after itself, and Shutdown waits for all there is (package tasks).
//   - A lease: a running job belongs to its owner for as long as the owner renews it. After a crash the next manager on
//     the same store takes it over.
//
// # What is promised
//
// A job that Create returned without an error is never lost, and each has exactly one recorded end. Execution is at
// least once: a process that dies, or loses its lease to a long pause, after the work and before the record of it, will
// have the work done again. Handlers must therefore be safe to repeat; Job.ID is the key to recognise a repetition by.
// A pending job starts by priority, then age; a stream of urgent jobs can starve the low ones. A scheduled job starts
// at most Options.Poll late. Leases compare wall clocks, so managers on several machines need clocks that agree to well
// within Options.Lease.
//
// # What it never does
//
// It never distributes work: several processes may share one store, and compare-and-set keeps them correct, but each
// polls, and nothing balances them. It never kills a handler that ignores its context, and it has no cron, no workflows
// and no rate limits. When one process is not enough, move to an engine that exists:
//
//	here                 River (Go, PostgreSQL)     Temporal                      arq (Python, Redis)       Celery
//	Request.ID           UniqueOpts                 WorkflowID + reuse policy     _job_id                   task_id
//	Handler              Worker.Work                activity                      coroutine in functions    task
//	Priority             InsertOpts.Priority        task queue per priority       queue per priority        priority, queues
//	NotBefore            InsertOpts.ScheduledAt     StartDelay                    _defer_until              eta
//	Capacity             QueueConfig.MaxWorkers     MaxConcurrentActivities…      max_jobs                  worker_concurrency
//	Timeout              JobTimeout                 StartToCloseTimeout           job_timeout               time_limit
//	RetryLimit           MaxAttempts                RetryPolicy.MaximumAttempts   max_tries                 max_retries
//	Lease                RescueStuckJobsAfter       HeartbeatTimeout              in-progress key expiry    visibility_timeout, acks_late
//	Cancel               JobCancel                  CancelWorkflow                Job.abort                 revoke(terminate=True)
//	Status               JobGet                     DescribeWorkflowExecution     Job.status                AsyncResult
//	Shutdown             Client.Stop, StopAndCancel Worker.Stop                   SIGTERM                   warm shutdown
//
// River is the smallest step from here, since its jobs too are rows that commit together with yours; Temporal if a job
// has many steps that must each happen once; arq and Celery if the workers are Python. All of them execute at least
// once, so a Handler moves as it is.
package jobmanager
