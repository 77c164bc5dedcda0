package pyfix

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// An update is made conditional only where the comparison means what it says, and where it does no
// harm to run again what stands between read and write. Each change to the module of the golden takes
// one of the reasons away.
func TestConditionalRefused(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/golden/conditional_update.txtar")
	if err != nil {
		t.Fatal(err)
	}
	src := string(file0(t, ar, "before.py"))
	propose := func(src string) (unsafe, none bool) {
		tree, err := syntax.Parse([]byte(src))
		if err != nil || len(tree.Damaged()) > 0 {
			t.Fatal(err, tree.Damaged())
		}
		f := Propose(tree, readFindings(t, string(ar.Comment), []byte(src)), Options{})[0]
		return f.Unsafe, len(f.Edits) == 0
	}
	if unsafe, none := propose(src); unsafe || none {
		t.Fatal("the module itself is not fixed")
	}
	for name, change := range map[string][2]string{
		"value made up for NULL":     {`payer=row["payer"]`, `payer=row["payer"] or "nobody"`},
		"value from another column":  {`payer=row["payer"]`, `payer=row["buyer"]`},
		"type that is not compared":  {"payer: Optional[str] = None", "payer: Optional[dict] = None"},
		"member by name":             {`State(row["state"])`, `State[row["state"]]`},
		"made in two places":         {"return self._order(row) if row else None", `return Order(number, State.OPEN) if row else None`},
		"kept in memory":             {"return self._order(row) if row else None", "self.last = self._order(row)\n        return self.last"},
		"some columns only":          {"SELECT * FROM orders", "SELECT number, state FROM orders"},
		"another table":              {"SELECT * FROM orders", "SELECT * FROM carts"},
		"condition there already":    {"WHERE number = $1\", order.number", "WHERE number = $1 AND total > 0\", order.number"},
		"more after the condition":   {"WHERE number = $1\", order.number", "WHERE number = $1 RETURNING *\", order.number"},
		"computed by the database":   {"payer = $3", "payer = lower($3)"},
		"argument that is computed":  {"order.state.value, order.payer", "order.state.value, str(order.payer)"},
		"query put together":         {`"UPDATE orders SET`, `f"UPDATE orders SET`},
		"another driver":             {"import asyncpg", "import aiopg as asyncpg"},
		"more than one statement":    {"        await self.pool.execute(", "        await self.pool.execute(\"BEGIN\")\n        await self.pool.execute("},
		"a base that promises less":  {"class Orders:", "class Orders(Base):"},
		"decorated":                  {"    async def save(", "    @retried\n    async def save("},
		"name that is taken":         {"    def _order(", "    def save_if_unchanged(self, a, b):\n        return True\n\n    def _order("},
		"store of unknown class":     {"orders: Orders, log", "orders, log"},
		"await in between":           {"        self.log.info(", "        await self.charge(payer)\n        self.log.info("},
		"call in between":            {"        self.log.info(", "        self.charge(payer)\n        self.log.info("},
		"count in between":           {"        self.log.info(", "        self.paid += 1\n        self.log.info("},
		"state in between":           {"        self.log.info(", "        self.last = payer\n        self.log.info("},
		"entry taken away":           {"        self.log.info(", "        self.open.pop(number)\n        self.log.info("},
		"entry not asked for":        {"        self.log.info(", "        if payer:\n            del self.open[number]\n        self.log.info("},
		"loop in between":            {"        self.log.info(", "        for _ in payer:\n            pass\n        self.log.info("},
		"the record is another then": {"        self.log.info(", "        order = Order(number, State.OPEN)\n        self.log.info("},
		"more is passed to the save": {"save(order)", "save(order, payer)"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(src, change[0]) == 0 {
				t.Fatalf("the module has no %q", change[0])
			}
			if unsafe, none := propose(strings.Replace(src, change[0], change[1], 1)); !unsafe && !none {
				t.Error("the update is made conditional all the same")
			}
		})
	}
}

// An entry that is removed where it is there, or under a lock, may be removed again.
func TestConditionalRemovesAgain(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/golden/conditional_update.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"        if number in self.open:\n            del self.open[number]\n", "        async with self._lock:\n            self.open.discard(number)\n", "        self.open.pop(number, None)\n"} {
		src := []byte(strings.Replace(string(file0(t, ar, "before.py")), "        self.log.info(", text+"        self.log.info(", 1))
		tree, err := syntax.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if f := Propose(tree, readFindings(t, string(ar.Comment), src), Options{})[0]; f.Unsafe || len(f.Edits) == 0 {
			t.Errorf("not fixed with %q: %s", text, f.Reason)
		}
	}
}
