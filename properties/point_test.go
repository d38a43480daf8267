package properties_test

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
)

func TestNewPoint_refusesWhatIsNoPlace(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]float64{
		{math.NaN(), 0}, {0, math.NaN()}, {math.Inf(1), 0}, {0, math.Inf(-1)}, {180.0001, 0}, {-181, 0}, {0, 90.0001}, {0, -91},
	} {
		_, err := properties.NewPoint(c[0], c[1])
		require.ErrorIs(t, err, properties.ErrPoint, "%v", c)
	}
	for _, c := range [][2]float64{{180, 90}, {-180, -90}, {0, 0}} {
		p, err := properties.NewPoint(c[0], c[1])
		require.NoError(t, err)
		require.Equal(t, c, [2]float64{p.Lon(), p.Lat()})
	}
}

// Every place survives text and binary EWKB, in both byte orders.
func TestPoint_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")
		p, err := properties.NewPoint(lon, lat)
		require.NoError(t, err)
		text, err := p.Value()
		require.NoError(t, err)
		raw, err := hex.DecodeString(text.(string))
		require.NoError(t, err)
		big, err := ewkb.Marshal(&p.Point, ewkb.XDR)
		require.NoError(t, err)
		for _, src := range []any{text, []byte(text.(string)), raw, big, hex.EncodeToString(big)} {
			var q properties.Point
			require.NoError(t, q.Scan(src))
			require.Equal(t, lon, q.Lon())
			require.Equal(t, lat, q.Lat())
		}
	})
}

func TestPoint_refusesOtherShapes(t *testing.T) {
	t.Parallel()
	encode := func(g geom.T) string {
		b, err := ewkb.Marshal(g, ewkb.NDR)
		require.NoError(t, err)
		return hex.EncodeToString(b)
	}
	var p properties.Point
	for name, src := range map[string]any{
		"null": nil, "number": 7, "empty text": "", "no hex": "zz", "cut": "0101000020e6100000",
		"polygon that claims 2^31 rings": "0103000000000000F0",
		"line of 2^30 points":            "0102000020e61000000000004000000000000000000000000000000000",
		"line as long as a point":        "0102000020e610000000000040000000000000000000000000",
		"line":                           encode(geom.NewLineStringFlat(geom.XY, []float64{0, 0, 1, 1}).SetSRID(4326)),
		"no srid":                        encode(geom.NewPointFlat(geom.XY, []float64{1, 1})),
		"web mercator":                   encode(geom.NewPointFlat(geom.XY, []float64{1, 1}).SetSRID(3857)),
		"height":                         encode(geom.NewPointFlat(geom.XYZ, []float64{1, 1, 1}).SetSRID(4326)),
		"empty point":                    encode(geom.NewPointEmpty(geom.XY).SetSRID(4326)),
		"out of range":                   encode(geom.NewPointFlat(geom.XY, []float64{1, 91}).SetSRID(4326)),
	} {
		require.ErrorIs(t, p.Scan(src), properties.ErrPoint, name)
	}
	require.True(t, p.IsZero(), "a failed scan writes nothing")
	require.True(t, math.IsNaN(p.Lat()))
	_, err := p.Value()
	require.ErrorIs(t, err, properties.ErrPoint, "no place cannot be stored")
	_, err = properties.Point{Point: *geom.NewPointFlat(geom.XY, []float64{1, 1})}.Value()
	require.ErrorIs(t, err, properties.ErrPoint)
}

func FuzzPoint(f *testing.F) {
	p, err := properties.NewPoint(-97.7431, 30.2672)
	require.NoError(f, err)
	text, err := p.Value()
	require.NoError(f, err)
	f.Add([]byte(text.(string)))
	f.Add([]byte{1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p properties.Point
		if p.Scan(b) != nil {
			return
		}
		text, err := p.Value()
		require.NoError(t, err, "what was read can be written")
		var q properties.Point
		require.NoError(t, q.Scan(text))
		require.Equal(t, [2]float64{p.Lon(), p.Lat()}, [2]float64{q.Lon(), q.Lat()})
	})
}

// PostGIS agrees on which coordinate is which.
func TestPoint_postGIS(t *testing.T) {
	t.Parallel()
	db := pgtest.Tx(t)
	p, err := properties.NewPoint(-97.7431, 30.2672)
	require.NoError(t, err)
	var q properties.Point
	var lon, lat float64
	err = db.NewRaw("SELECT g, ST_X(g::geometry), ST_Y(g::geometry) FROM (SELECT ?::geography AS g) AS s", p).
		Scan(t.Context(), &q, &lon, &lat)
	require.NoError(t, err)
	require.Equal(t, [4]float64{-97.7431, 30.2672, -97.7431, 30.2672}, [4]float64{lon, lat, q.Lon(), q.Lat()})
}

func TestProperty_SetCoordinates(t *testing.T) {
	t.Parallel()
	var p properties.Property
	require.NoError(t, p.SetCoordinates(at("30.26720001", "-97.7431")))
	require.Equal(t, "30.26720001", p.Latitude.String())
	require.Equal(t, 30.26720001, p.Location.Lat())
	require.Equal(t, -97.7431, p.Location.Lon())

	for _, bad := range []*properties.Coordinates{at("91", "0"), at("0", "-180.1"), at("0.123456789", "0"),
		{Latitude: decimal.New(1, 1<<30)}, {Longitude: decimal.New(1, -1<<30)}, {Latitude: decimal.New(0, 1<<30)}} {
		require.ErrorIs(t, p.SetCoordinates(bad), properties.ErrPoint)
	}
	require.Equal(t, "30.26720001", p.Latitude.String(), "a refused place changes nothing")

	require.NoError(t, p.SetCoordinates(nil))
	require.Nil(t, p.Latitude)
	require.Nil(t, p.Longitude)
	require.Nil(t, p.Location)
}

func at(lat, lon string) *properties.Coordinates {
	return &properties.Coordinates{Latitude: decimal.RequireFromString(lat), Longitude: decimal.RequireFromString(lon)}
}
