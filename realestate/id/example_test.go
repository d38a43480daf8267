package id_test

import (
	"fmt"

	"github.com/freehold-go/freehold/realestate/id"
)

type (
	offering struct{}
	position struct{}
)

// An id of one type is not an id of another; the compiler tells them apart.
func ExampleOf() {
	a, b := id.New[offering](), id.New[offering]()
	fmt.Println(a.Compare(b) < 0, len(a.String()))

	held := id.Cast[position](a) // said in so many words
	fmt.Printf("%T %t\n", held, held.String() == a.String())
	// Output:
	// true 36
	// id.Of[github.com/freehold-go/freehold/realestate/id_test.position] true
}

func ExampleParse() {
	v, err := id.Parse[offering]("0192F0C1-2B3C-7D4E-8F5A-6B7C8D9E0F1A")
	fmt.Println(v, err)
	_, err = id.Parse[offering]("42")
	fmt.Println(err)
	// Output:
	// 0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a <nil>
	// an id is a UUID such as 0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a (id_malformed)
}
