package s3

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/freehold-go/freehold/documents/storage"
)

// lookahead is how many bytes are held back until it is known that they are the last.
const lookahead = 32 << 10

// exact gives out a body of so many bytes, and the last of them only when nothing comes
// behind: HTTP would send what was announced, and the server keep it, before anybody saw
// that there is more. Its own error is kept, which the client hides behind others.
type exact struct {
	ctx  context.Context
	r    *bufio.Reader
	left int64
	err  error
}

func exactly(ctx context.Context, r io.Reader, size int64) *exact {
	return &exact{ctx: ctx, r: bufio.NewReaderSize(r, 2*lookahead), left: size}
}

// body is what the client sends.
func (e *exact) body() (io.Reader, error) {
	if e.left > 0 {
		return e, nil
	}
	e.end()
	return http.NoBody, e.err
}

func (e *exact) Read(p []byte) (int, error) {
	switch {
	case e.err != nil:
		return 0, e.err
	case e.left == 0:
		return 0, io.EOF
	case e.left <= lookahead:
		if e.end(); e.err != nil {
			return 0, e.err
		}
	default:
		p = p[:min(int64(len(p)), e.left-lookahead)]
	}
	if e.err = e.ctx.Err(); e.err != nil {
		return 0, e.err
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		err = storage.ErrMismatch
	}
	if err != nil && !errors.Is(err, io.EOF) {
		e.err = err
		return n, err
	}
	return n, nil
}

// end looks whether what is left is all that there is.
func (e *exact) end() {
	b, err := e.r.Peek(int(e.left) + 1)
	switch {
	case err == nil, errors.Is(err, io.EOF) && int64(len(b)) < e.left:
		e.err = storage.ErrMismatch
	case !errors.Is(err, io.EOF):
		e.err = err
	}
}
