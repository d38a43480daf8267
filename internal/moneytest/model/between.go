package model

// termsBetween reports terms that replaced others after a fact, by the day of a
// distribution that the fact comes after.
func (o *offering) termsBetween(fact, dist Day) bool {
	for _, on := range o.changes() {
		if on > fact && on <= dist && on != o.versions[0].from {
			return true
		}
	}
	return false
}

// errBetween says that a distribution, or a change of the terms, lies between a fact and one
// that it has a part in, so that from there on the order is undefined.
type errBetween struct{ dist *dist }

func (e *errBetween) Error() string { return "model: " + e.dist.name + " lies between" }
