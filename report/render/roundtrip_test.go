package render

import (
	"bytes"
	"testing"
)

// FuzzRoundTrip: what Decode accepts JSON can write so that Decode accepts it again, and the second
// writing is the first.
func FuzzRoundTrip(f *testing.F) {
	var seed bytes.Buffer
	if err := JSON(&seed, platform(), Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Add([]byte(`{"schema":"1","findings":[{"line":-1,"endLine":9223372036854775807,"steps":[{"line":0}]}]}`))
	f.Add([]byte(`{"schema":"1","findings":null,"counts":null,"services":[{}],"database":[]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		a, err := Decode(bytes.NewReader(src))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := JSON(&first, a, Options{}); err != nil {
			t.Fatal(err)
		}
		again, err := Decode(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%v in what JSON wrote", err)
		}
		if err := JSON(&second, again, Options{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Error("the second writing differs from the first")
		}
	})
}
