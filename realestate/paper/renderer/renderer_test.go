package renderer_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/paper"
	"github.com/freehold-go/freehold/realestate/paper/internal/pdftest"
	"github.com/freehold-go/freehold/realestate/paper/renderer"
)

// The certificate says everything that it is a certificate of.
func TestCertificate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	c := documents.Certificate{EnvelopeID: id.New[documents.Envelope](), DocumentID: id.New[documents.Document](), Name: "Subscription agreement", Version: 3,
		DocumentHash: strings.Repeat("ab", 32), CompletedAt: at, ChainLinks: 9, ChainHead: strings.Repeat("cd", 32), Signers: []documents.CertificateSigner{
			{Name: "user 1", Type: "electronic", Method: "sms", RequestedAt: at, ViewedAt: &at, SignedAt: at, Consent: "I agree to sign electronically.", Intent: "I sign.",
				IPAddress: "192.0.2.7", EvidenceHash: strings.Repeat("01", 32)},
			{Name: "Carol Outsider", Type: "digital", RequestedAt: at, SignedAt: at, Consent: "I agree.", Intent: "I sign this.", EvidenceHash: strings.Repeat("02", 32)}}}
	var b bytes.Buffer
	require.NoError(t, renderer.New(paper.Theme{}).Certificate(&b, c))
	read := pdftest.Read(t, b.Bytes())
	require.Equal(t, "Certificate of completion: Subscription agreement", read.Title)
	text := strings.ReplaceAll(strings.Join(read.Pages, "\n"), "\n", "")
	for _, s := range []string{c.EnvelopeID.String(), c.DocumentID.String(), c.DocumentHash, c.ChainHead, "Signer 1: user 1", "sms", "192.0.2.7", "I agree to sign electronically.",
		"I sign.", "Signer 2: Carol Outsider", "digital", c.Signers[0].EvidenceHash, c.Signers[1].EvidenceHash, "2026-03-31 12:00:00 UTC"} {
		require.Contains(t, text, s)
	}
}

// There is a certificate whatever a document and its signers are called: letters that the fonts
// do not have stand by their numbers.
func TestCertificate_anyName(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	c := documents.Certificate{Name: "契約 " + strings.Repeat("漢", 250), CompletedAt: at, Signers: []documents.CertificateSigner{
		{Name: "山田 Åsa", Type: "electronic", RequestedAt: at, SignedAt: at, Consent: "אני מסכים", Intent: "I sign 😀\x00"}, {Name: "\xff", RequestedAt: at, SignedAt: at}}}
	var b bytes.Buffer
	require.NoError(t, renderer.New(paper.Theme{}).Certificate(&b, c))
	text := strings.ReplaceAll(strings.Join(pdftest.Read(t, b.Bytes()).Pages, "\n"), "\n", "")
	for _, s := range []string{"Signer 1: [U+5C71][U+7530] Åsa", "[U+05D0]", "I sign [U+1F600][U+0000]", "Signer 2: \ufffd", "[U+5951][U+7D04]"} {
		require.Contains(t, text, s)
	}
	require.Equal(t, "山田 Åsa", c.Signers[0].Name, "what the caller has stays as it is")
	require.ErrorIs(t, renderer.New(paper.Theme{Regular: []byte("OTTO")}).Certificate(&b, c), paper.ErrFont)
}

// A template is filled in and printed, and what a field says is text.
func TestPaper(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"offering_name": "Elm Street", "investor_name": "Åsa {{amount}} # Ek", "amount": "$25,000.00", "sponsor_name": "Sponsor LLC", "date": "2026-02-01", "governing_law": "Ohio"}
	p, err := documents.SubscriptionAgreement.Merge(fields)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, renderer.New(paper.Theme{Size: paper.A4}).Paper(&b, *p))
	read := pdftest.Read(t, b.Bytes())
	require.Equal(t, "Subscription agreement: Elm Street", read.Title)
	text := strings.ReplaceAll(strings.Join(read.Pages, " "), "\n", " ")
	require.Contains(t, text, "Åsa {{amount}} # Ek (the Investor) subscribes")
	require.Contains(t, text, "in the amount of $25,000.00")
	require.Contains(t, text, "Acceptance")
	fields["investor_name"] = "漢字"
	p, err = documents.SubscriptionAgreement.Merge(fields)
	require.NoError(t, err)
	require.ErrorIs(t, renderer.New(paper.Theme{}).Paper(&b, *p), fault.Invalid, "no name is printed as boxes")
}
