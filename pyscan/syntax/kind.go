package syntax

import "fmt"

// Kind says what a node is. Kinds are this package's own and do not change with the grammar:
// the grammar's symbols are mapped to them by name when the package is first used.
type Kind uint16

// Kinds of named nodes, called as in the grammar, and of the tokens that carry meaning.
const (
	Other    Kind = iota // a named node that nobody asks about
	Error                // what the parser could not make sense of
	dropped              // punctuation and keywords: not in the tree
	comments             // in Tree.Comments, not among the nodes

	Module
	AliasedImport
	ArgumentList
	AsPattern
	AsPatternTarget
	AssertStatement
	Assignment
	Attribute
	AugmentedAssignment
	Await
	BinaryOperator
	Block
	BooleanOperator
	BreakStatement
	Call
	CaseClause
	CasePattern
	Chevron
	ClassDefinition
	ClassPattern
	ComparisonOperator
	ComplexPattern
	ConcatenatedString
	ConditionalExpression
	ConstrainedType
	ContinueStatement
	DecoratedDefinition
	Decorator
	DefaultParameter
	DeleteStatement
	DictPattern
	Dictionary
	DictionaryComprehension
	DictionarySplat
	DictionarySplatPattern
	DottedName
	ElifClause
	Ellipsis
	ElseClause
	ExceptClause
	ExecStatement
	ExpressionList
	ExpressionStatement
	False
	FinallyClause
	Float
	ForInClause
	ForStatement
	FormatExpression
	FormatSpecifier
	FunctionDefinition
	FutureImportStatement
	GeneratorExpression
	GenericType
	GlobalStatement
	Identifier
	IfClause
	IfStatement
	ImportFromStatement
	ImportPrefix
	ImportStatement
	Integer
	Interpolation
	KeywordArgument
	KeywordPattern
	KeywordSeparator
	Lambda
	LambdaParameters
	List
	ListComprehension
	ListPattern
	ListSplat
	ListSplatPattern
	MatchStatement
	MemberType
	NamedExpression
	None
	NonlocalStatement
	NotOperator
	Pair
	Parameters
	ParenthesizedExpression
	PassStatement
	PatternList
	PositionalSeparator
	PrintStatement
	RaiseStatement
	RelativeImport
	ReturnStatement
	Set
	SetComprehension
	Slice
	SplatPattern
	SplatType
	String
	StringContent
	StringEnd
	StringStart
	Subscript
	True
	TryStatement
	Tuple
	TuplePattern
	Type
	TypeAliasStatement
	TypeConversion
	TypeParameter
	TypedDefaultParameter
	TypedParameter
	UnaryOperator
	UnionPattern
	UnionType
	WhileStatement
	WildcardImport
	WithClause
	WithItem
	WithStatement
	Yield

	// Tokens.
	Async      // async
	From       // from, of yield from
	Star       // *, of except*, of patterns
	StarStar   // **
	Underscore // _, the wildcard pattern
	Minus      // -, of number patterns
	Operator   // any operator of an expression; see Tree.Text

	kinds // how many there are
)

var kindNames = [kinds]string{
	Module: "module", AliasedImport: "aliased_import", ArgumentList: "argument_list", AsPattern: "as_pattern",
	AsPatternTarget: "as_pattern_target", AssertStatement: "assert_statement", Assignment: "assignment",
	Attribute: "attribute", AugmentedAssignment: "augmented_assignment", Await: "await",
	BinaryOperator: "binary_operator", Block: "block", BooleanOperator: "boolean_operator",
	BreakStatement: "break_statement", Call: "call", CaseClause: "case_clause", CasePattern: "case_pattern",
	Chevron: "chevron", ClassDefinition: "class_definition", ClassPattern: "class_pattern",
	ComparisonOperator: "comparison_operator", ComplexPattern: "complex_pattern",
	ConcatenatedString: "concatenated_string", ConditionalExpression: "conditional_expression",
	ConstrainedType: "constrained_type", ContinueStatement: "continue_statement",
	DecoratedDefinition: "decorated_definition", Decorator: "decorator", DefaultParameter: "default_parameter",
	DeleteStatement: "delete_statement", DictPattern: "dict_pattern", Dictionary: "dictionary",
	DictionaryComprehension: "dictionary_comprehension", DictionarySplat: "dictionary_splat",
	DictionarySplatPattern: "dictionary_splat_pattern", DottedName: "dotted_name", ElifClause: "elif_clause",
	Ellipsis: "ellipsis", ElseClause: "else_clause", ExceptClause: "except_clause",
	ExecStatement: "exec_statement", ExpressionList: "expression_list",
	ExpressionStatement: "expression_statement", False: "false", FinallyClause: "finally_clause", Float: "float",
	ForInClause: "for_in_clause", ForStatement: "for_statement", FormatExpression: "format_expression",
	FormatSpecifier: "format_specifier", FunctionDefinition: "function_definition",
	FutureImportStatement: "future_import_statement", GeneratorExpression: "generator_expression",
	GenericType: "generic_type", GlobalStatement: "global_statement", Identifier: "identifier",
	IfClause: "if_clause", IfStatement: "if_statement", ImportFromStatement: "import_from_statement",
	ImportPrefix: "import_prefix", ImportStatement: "import_statement", Integer: "integer",
	Interpolation: "interpolation", KeywordArgument: "keyword_argument", KeywordPattern: "keyword_pattern",
	KeywordSeparator: "keyword_separator", Lambda: "lambda", LambdaParameters: "lambda_parameters", List: "list",
	ListComprehension: "list_comprehension", ListPattern: "list_pattern", ListSplat: "list_splat",
	ListSplatPattern: "list_splat_pattern", MatchStatement: "match_statement", MemberType: "member_type",
	NamedExpression: "named_expression", None: "none", NonlocalStatement: "nonlocal_statement",
	NotOperator: "not_operator", Pair: "pair", Parameters: "parameters",
	ParenthesizedExpression: "parenthesized_expression", PassStatement: "pass_statement",
	PatternList: "pattern_list", PositionalSeparator: "positional_separator", PrintStatement: "print_statement",
	RaiseStatement: "raise_statement", RelativeImport: "relative_import", ReturnStatement: "return_statement",
	Set: "set", SetComprehension: "set_comprehension", Slice: "slice", SplatPattern: "splat_pattern",
	SplatType: "splat_type", String: "string", StringContent: "string_content", StringEnd: "string_end",
	StringStart: "string_start", Subscript: "subscript", True: "true", TryStatement: "try_statement",
	Tuple: "tuple", TuplePattern: "tuple_pattern", Type: "type", TypeAliasStatement: "type_alias_statement",
	TypeConversion: "type_conversion", TypeParameter: "type_parameter",
	TypedDefaultParameter: "typed_default_parameter", TypedParameter: "typed_parameter",
	UnaryOperator: "unary_operator", UnionPattern: "union_pattern", UnionType: "union_type",
	WhileStatement: "while_statement", WildcardImport: "wildcard_import", WithClause: "with_clause",
	WithItem: "with_item", WithStatement: "with_statement", Yield: "yield",
	comments: "comment",

	Other: "(other)", Error: "ERROR", dropped: "(dropped)",
	Async: "async", From: "from", Star: "*", StarStar: "**", Underscore: "_", Minus: "-", Operator: "(operator)",
}

// tokens maps the grammar's anonymous symbols that stay in the tree; the others are dropped.
var tokens = map[string]Kind{
	"async": Async, "from": From, "*": Star, "**": StarStar, "_": Underscore, "-": Minus,

	"+": Operator, "/": Operator, "//": Operator, "%": Operator, "@": Operator, "|": Operator, "&": Operator,
	"^": Operator, "<<": Operator, ">>": Operator, "~": Operator,
	"<": Operator, "<=": Operator, "==": Operator, "!=": Operator, ">=": Operator, ">": Operator, "<>": Operator,
	"in": Operator, "not in": Operator, "is": Operator, "is not": Operator, "and": Operator, "or": Operator,
	"+=": Operator, "-=": Operator, "*=": Operator, "/=": Operator, "@=": Operator, "//=": Operator,
	"%=": Operator, "**=": Operator, ">>=": Operator, "<<=": Operator, "&=": Operator, "^=": Operator,
	"|=": Operator,
}

// droppedNames are named leaves that say nothing which the text of their parent does not.
var droppedNames = []string{"line_continuation", "escape_sequence", "escape_interpolation"}

// String is the name of the kind in the grammar.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint16(k))
}

// Field says which part of its parent a node is; NoField where the grammar gives it no name.
type Field uint16

// Fields, called as in the grammar with a prefix.
const (
	NoField Field = iota
	FieldAlias
	FieldAlternative
	FieldArgument
	FieldArguments
	FieldAttribute
	FieldBody
	FieldCause
	FieldCode
	FieldCondition
	FieldConsequence
	FieldDefinition
	FieldExpression
	FieldFunction
	FieldGuard
	FieldKey
	FieldLeft
	FieldModuleName
	FieldName
	FieldObject
	FieldOperator
	FieldOperators
	FieldParameters
	FieldReturnType
	FieldRight
	FieldSubject
	FieldSubscript
	FieldSuperclasses
	FieldType
	FieldValue

	fields
)

var fieldNames = [fields]string{
	FieldAlias: "alias", FieldAlternative: "alternative", FieldArgument: "argument", FieldArguments: "arguments",
	FieldAttribute: "attribute", FieldBody: "body", FieldCause: "cause", FieldCode: "code",
	FieldCondition: "condition", FieldConsequence: "consequence", FieldDefinition: "definition",
	FieldExpression: "expression", FieldFunction: "function", FieldGuard: "guard", FieldKey: "key",
	FieldLeft: "left", FieldModuleName: "module_name", FieldName: "name", FieldObject: "object",
	FieldOperator: "operator", FieldOperators: "operators", FieldParameters: "parameters",
	FieldReturnType: "return_type", FieldRight: "right", FieldSubject: "subject", FieldSubscript: "subscript",
	FieldSuperclasses: "superclasses", FieldType: "type", FieldValue: "value",
}

// String is the name of the field in the grammar.
func (f Field) String() string {
	if f < fields {
		return fieldNames[f]
	}
	return fmt.Sprintf("Field(%d)", uint16(f))
}
