package page_test

import (
	"context"
	"fmt"

	"github.com/freehold-go/freehold/realestate/page"
)

// A list is read page by page, or as one sequence over all pages.
func ExampleAll() {
	list := numbers(2500, -1) // any list: func(ctx, page.Request) (page.Page[T], error)

	first, err := list(context.Background(), page.Request{Limit: 3})
	fmt.Println(first.Items, first.Next != "", err)
	second, err := list(context.Background(), page.Request{Limit: 3, After: first.Next})
	fmt.Println(second.Items, err)

	sum := 0
	for n, err := range page.All(context.Background(), list) {
		if err != nil {
			break
		}
		sum += n
	}
	fmt.Println(sum)
	// Output:
	// [0 1 2] true <nil>
	// [3 4 5] <nil>
	// 3123750
}
