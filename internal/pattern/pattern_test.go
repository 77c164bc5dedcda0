package pattern

import "testing"

func TestPattern(t *testing.T) {
	if p := New(`(a)(b)?`); !p.MatchString("ab") || p.MatchString("b") || p.FindStringSubmatch("ab")[2] != "b" || string(p.FindSubmatch([]byte("ab"))[1]) != "a" ||
		len(p.FindAllStringSubmatch("aab", -1)) != 2 || p.ReplaceAllString("xab", "y") != "xy" || len(p.Split("1a2", -1)) != 2 {
		t.Error("not what regexp does")
	}
	defer func() {
		if recover() == nil {
			t.Error("a test does not see that an expression is none")
		}
	}()
	New(`(`)
}
