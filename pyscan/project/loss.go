package project

// loss is what Closes and Plain have found out.
type loss struct{ known, closes, plain bool }

// closers are methods that give back what an object holds.
var closers = []string{"close", "aclose", "__aexit__", "disconnect", "shutdown", "wait_closed"}

// Closes says whether the class has a method that gives back what an object of it holds.
func (c *Class) Closes() bool { return c.ofLoss().closes }

// Plain says whether the class is derived from one of plain data outside the project.
func (c *Class) Plain() bool { return c.ofLoss().plain }

func (c *Class) ofLoss() loss {
	if c.loss.known {
		return c.loss
	}
	c.loss = loss{known: true, closes: c.Has(closers...)}
	for _, k := range c.Lineage() {
		for _, e := range k.External {
			switch e {
			case "str", "int", "enum.Enum", "enum.StrEnum", "enum.IntEnum", "typing.NamedTuple", "NamedTuple":
				c.loss.plain = true
			}
		}
	}
	return c.loss
}
