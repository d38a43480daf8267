package media

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/properties/media/movie"
	"github.com/freehold-go/freehold/realestate/id"
)

// receiveVideo takes a video without what its file tells of where and with what it was taken;
// with keepPlace as it was sent. One out of which something is taken, or that everybody may
// see, is written anew, and the upload itself is given up.
func (s *Service) receiveVideo(ctx context.Context, db bun.IDB, u *documents.Upload, uploader id.Of[documents.Uploader], keepPlace, public bool) (*incoming, error) {
	as := func(kept *documents.Upload) *incoming {
		return &incoming{uploader: uploader, upload: u, files: []stored{{variant: VariantOriginal, upload: kept}}, kept: kept == u}
	}
	switch {
	case !strings.HasPrefix(u.FileType, "video/"):
		return nil, ErrFileKind
	case keepPlace && (u.Public() || !public):
		return as(u), nil
	case u.Public(): // its place was public
		return nil, documents.ErrUploadState
	}
	content := &rewound{open: func() (io.ReadCloser, io.Reader, error) { return s.bytesOf(ctx, u) }}
	defer content.close()
	if !keepPlace {
		m, err := movie.Read(content, u.FileSize)
		switch {
		case errors.Is(err, movie.ErrUnreadable), errors.Is(err, movie.ErrTooLarge):
			return nil, ErrVideoPlace.Because(err)
		case err != nil:
			return nil, err
		case m.Clean() && !public:
			return as(u), nil
		}
		content.close()
		content.open = func() (io.ReadCloser, io.Reader, error) {
			body, r, err := s.bytesOf(ctx, u)
			if err != nil {
				return nil, nil, err
			}
			return body, m.Without(r), nil
		}
	}
	kept, err := s.papers.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: uploader, FileName: u.FileName, Type: u.FileType, Content: content, Public: public})
	if err != nil {
		return nil, err
	}
	return as(kept), nil
}

// bytesOf opens the object of an upload: what is to be closed, and its bytes.
func (s *Service) bytesOf(ctx context.Context, u *documents.Upload) (io.ReadCloser, io.Reader, error) {
	body, _, err := s.storage.Get(ctx, u.ObjectKey)
	if err != nil {
		return nil, nil, err
	}
	return body, storage.Verified(body, u.Object(), storage.ErrCorrupt), nil
}

// rewound is a stream that is opened anew where it is wound back.
type rewound struct {
	open func() (io.ReadCloser, io.Reader, error)
	body io.ReadCloser
	r    io.Reader
}

func (x *rewound) Read(p []byte) (n int, err error) {
	if x.body == nil {
		if x.body, x.r, err = x.open(); err != nil {
			x.body = nil
			return 0, err
		}
	}
	return x.r.Read(p)
}

// Seek winds back to the first byte, and nowhere else.
func (x *rewound) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	x.close()
	return 0, nil
}

func (x *rewound) close() {
	if x.body != nil {
		_ = x.body.Close()
		x.body = nil
	}
}
