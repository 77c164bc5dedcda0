// Package report holds what toctou found: findings and the audit around them, as plain data.
//
// It is the spine of the tool: analysers fill it, renderers read it, and its JSON form can be
// stored and rendered later. It imports the standard library only, prints nothing, and decides
// nothing: every figure and sentence in it was computed before.
package report

// Schema is the version of the JSON form. It changes when a field changes its meaning or goes away.
const Schema = "https://toctou-lint.github.io/schema/audit-1.json"

// Severity says how bad the consequence is; it says nothing about certainty.
type Severity string

const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Confidence says how sure it is that two actors meet; it says nothing about harm.
type Confidence string

const (
	Sure     Confidence = "high"
	Likely   Confidence = "medium"
	Doubtful Confidence = "low"
)

// Window states.
const (
	WindowOpen   = "open"
	WindowLatent = "latent"
)

// Step kinds.
const (
	StepCheck   = "check"
	StepExpiry  = "expiry"
	StepAct     = "act"
	StepWriter  = "writer"
	StepSpawn   = "spawn"
	StepRelated = "related"
)

// Step is one place in the code that a finding speaks of.
type Step struct {
	Kind      string `json:"kind"` // what happens there
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"` // 1-based, in bytes
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"` // exclusive
	Function  string `json:"function,omitempty"`
	Label     string `json:"label"` // what happens there, for people
}

// Turn is one move of the interleaving: who does what, and what is true afterwards.
type Turn struct {
	Actor string `json:"actor"`           // "A" or "B"
	Text  string `json:"text"`            // what the actor does
	State string `json:"state,omitempty"` // what holds afterwards
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

// Edit replaces a range of source text. Lines and columns are 1-based, columns in bytes, the end
// exclusive; an empty range inserts.
type Edit struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	NewText   string `json:"newText"` // what replaces the range
}

// Remedy is a recommended change, as code.
type Remedy struct {
	Title string   `json:"title"`           // what the change does, in one line
	File  string   `json:"file,omitempty"`  // where Code belongs
	Line  int      `json:"line,omitempty"`  // the number of its first line
	Code  string   `json:"code,omitempty"`  // the code after the change
	Added []int    `json:"added,omitempty"` // the lines of Code that are new, counted from 1
	Why   []string `json:"why,omitempty"`   // why it works
	Edits []Edit   `json:"edits,omitempty"` // the change itself
}

// Suppression records that a finding was silenced on purpose.
type Suppression struct {
	Reason string `json:"reason"` // as written at the suppression
	File   string `json:"file"`
	Line   int    `json:"line"`
}

// Finding is one defect: exactly one primary location, one rule, one consequence.
type Finding struct {
	Rule        string       `json:"rule"`        // name of the rule
	Language    string       `json:"language"`    // python, go
	Window      *string      `json:"window"`      // "open", "latent" or null
	Severity    Severity     `json:"severity"`    // how bad the consequence is
	Confidence  Confidence   `json:"confidence"`  // how sure it is that two actors meet
	Consequence string       `json:"consequence"` // what happens: duplicate-execution, lost-update…
	File        string       `json:"file"`
	Line        int          `json:"line"`
	Column      int          `json:"column"` // 1-based, in bytes
	EndLine     int          `json:"endLine,omitempty"`
	EndColumn   int          `json:"endColumn,omitempty"`
	Function    string       `json:"function"`
	Place       string       `json:"place,omitempty"`      // the state that is checked and acted on
	Message     string       `json:"message"`              // the title; says what is wrong, never what to do
	Steps       []Step       `json:"steps,omitempty"`      // the story, each step with its place
	Notes       []string     `json:"notes,omitempty"`      // what happens, who else writes
	Scenario    []Turn       `json:"scenario,omitempty"`   // the interleaving
	Impact      []string     `json:"impact,omitempty"`     // what it leads to
	RootCause   string       `json:"rootCause,omitempty"`  // which protection is missing or does not reach
	Fix         string       `json:"fix,omitempty"`        // the recommended fix in words
	Remedy      *Remedy      `json:"remedy,omitempty"`     // the recommended fix as code
	Unfixed     string       `json:"unfixed,omitempty"`    // why no edit is offered, where edits were looked for
	Group       string       `json:"group,omitempty"`      // the same for all findings on one place
	Fingerprint string       `json:"fingerprint"`          // stays when lines move
	Also        []string     `json:"also,omitempty"`       // rules that would have reported the same defect
	Suppressed  *Suppression `json:"suppressed,omitempty"` // present if silenced on purpose
}

// Skipped is a file that was not analysed, and why.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"` // why it was not analysed
}

// Partial is a function that was analysed only in part, and why.
type Partial struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	Reason   string `json:"reason"` // why the rest was not analysed
}

// Service is one deployable part of the project.
type Service struct {
	Name  string `json:"name"`  // its name
	Dir   string `json:"dir"`   // its folder, relative to the root
	Files int    `json:"files"` // source files in it
}

// TaskLeft is the verdict on a task that nobody keeps, and that nothing shows anybody would have to keep.
const TaskLeft = "left to itself"

// TaskUse is one place where a task is created, what becomes of it, and why that is all right or not.
type TaskUse struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	Target   string `json:"target"`             // what runs in it
	Keeper   string `json:"keeper"`             // who keeps the handle, "" if nobody
	Observer string `json:"observer,omitempty"` // who sees its exception
	Drain    string `json:"drain,omitempty"`    // who awaits or cancels it at the end
	Verdict  string `json:"verdict"`            // tracked, untracked, awaited, owned by …
	Rule     string `json:"rule,omitempty"`     // the rule that reports it, if one does
}

// ThreadUse is one function that runs in another thread than that of the event loop.
type ThreadUse struct {
	File     string `json:"file"`               // where it is handed over, or defined if nothing hands it over
	Line     int    `json:"line"`               // likewise
	Function string `json:"function,omitempty"` // the function that hands it over
	Target   string `json:"target"`             // what runs in the thread
	How      string `json:"how"`                // the call that hands it over, or why it runs there
}

// LockUse is one lock of the project.
type LockUse struct {
	Name       string    `json:"name"` // as written in the code
	Kind       string    `json:"kind"` // asyncio.Lock, threading.RLock, sync.Mutex…
	File       string    `json:"file"`
	Line       int       `json:"line"`
	Guards     []string  `json:"guards,omitempty"`   // places that it guards
	Holders    int       `json:"holders"`            // sections that hold it
	Suspending int       `json:"suspending"`         // of these, how many may suspend while holding it
	Sections   []Section `json:"sections,omitempty"` // the sections that hold it
}

// Section is a stretch of code that holds a lock.
type Section struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	EndLine  int    `json:"endLine"`
	Function string `json:"function,omitempty"`
}

// DatabaseUse is one session, transaction or pool found in the code.
type DatabaseUse struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function,omitempty"`
	Kind     string `json:"kind"`             // pool, session, transaction, commit, for-update…
	Detail   string `json:"detail,omitempty"` // what that means, for people
}

// Recommendation is one thing to do, the most urgent first.
type Recommendation struct {
	Priority int      `json:"priority"`           // 1 is the most urgent
	Severity Severity `json:"severity,omitempty"` // of the findings it settles
	Title    string   `json:"title"`              // what it achieves, in one line
	Action   string   `json:"action"`             // what to do
	Files    []string `json:"files,omitempty"`    // where
	Effort   string   `json:"effort,omitempty"`   // how long it takes, from the table in the documentation
	Tests    []string `json:"tests,omitempty"`    // tests to write
	Findings []string `json:"findings,omitempty"` // fingerprints of the findings it settles
}

// Scope is a language that the project contains and whether it was analysed.
type Scope struct {
	Language string `json:"language"` // name of the language
	Files    int    `json:"files"`    // files in it
	Analysed bool   `json:"analysed"` // false: only counted
}

// FilePattern counts what a file does with concurrency.
type FilePattern struct {
	File     string         `json:"file"`
	Patterns map[string]int `json:"patterns"`        // "await", "create_task", "asyncio.Lock", "gather", …
	Worst    Severity       `json:"worst,omitempty"` // severity of the gravest finding in the file
	Findings int            `json:"findings"`        // how many findings are in the file
}

// Negative is a look-alike that is safe, and why.
type Negative struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	EndLine  int    `json:"endLine,omitempty"`
	Function string `json:"function"`
	Place    string `json:"place"`  // the state it is about
	Reason   string `json:"reason"` // why it is safe
}

// Policy is the rating policy and the concurrency model in force.
type Policy struct {
	Latent      string `json:"latent"`      // lowered, as-open, hidden
	Concurrency string `json:"concurrency"` // asyncio, preemptive
}

// Tool names the program that wrote the audit.
type Tool struct {
	Name    string `json:"name"`    // its name
	Version string `json:"version"` // its version
}

// Audit is everything one run found out.
type Audit struct {
	Schema     string            `json:"schema"`                    // version of this form
	Tool       Tool              `json:"tool"`                      // the program that wrote it
	Title      string            `json:"title,omitempty"`           // of the document; renderers make one from the project or the root if it is absent
	Project    string            `json:"project,omitempty"`         // the name that its own manifest gives it
	Date       string            `json:"date,omitempty"`            // YYYY-MM-DD
	Root       string            `json:"root"`                      // the folder that paths are relative to
	Languages  []string          `json:"languages"`                 // the languages that were analysed
	Frameworks []string          `json:"frameworks,omitempty"`      // frameworks that were recognised
	Policy     Policy            `json:"policy"`                    // rating and model in force
	Counts     map[string]int    `json:"counts"`                    // files, analysed, prefiltered, functions, suppressed…
	Services   []Service         `json:"services,omitempty"`        // the deployable parts
	Findings   []Finding         `json:"findings"`                  // in source order
	Files      int               `json:"files"`                     // source files that were read
	Unparsed   []Skipped         `json:"unparsed"`                  // files that were not analysed
	LeftOut    []Skipped         `json:"leftOut,omitempty"`         // files that are not part of the program on this platform
	Partial    []Partial         `json:"partial"`                   // functions that were analysed only in part
	Tasks      []TaskUse         `json:"tasks,omitempty"`           // every task creation
	Locks      []LockUse         `json:"locks,omitempty"`           // every lock
	Threads    []ThreadUse       `json:"threads,omitempty"`         // every function that runs in another thread than the event loop's
	Database   *[]DatabaseUse    `json:"database,omitempty"`        // absent: not looked for
	Patterns   []FilePattern     `json:"patterns,omitempty"`        // concurrency in each file that has any
	Negatives  []Negative        `json:"negatives,omitempty"`       // look-alikes that are safe
	Scopes     []Scope           `json:"scopes,omitempty"`          // every language seen
	Advice     []Recommendation  `json:"advice,omitempty"`          // what to do, the most urgent first
	Commands   []string          `json:"commands,omitempty"`        // how to reproduce this audit
	Limits     []string          `json:"limits,omitempty"`          // what the analysis does not see
	Settings   []string          `json:"settings,omitempty"`        // configuration in force that changes what is found, as lines of toctou.yml
	Author     string            `json:"author,omitempty"`          // from the configuration
	Version    string            `json:"documentVersion,omitempty"` // of the document, from the configuration
	Related    []string          `json:"related,omitempty"`         // related documents
	Excerpts   map[string]string `json:"excerpts,omitempty"`        // "file:line" → that source line, for renderers
}
