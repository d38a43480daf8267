package investments

// describe is what a distribution is called on transactions and statements.
func (d *Distribution) describe() string {
	if d.DistributionType == nil {
		return "distribution"
	}
	switch *d.DistributionType {
	case DistributionMonthlyIncome:
		return "monthly distribution"
	case DistributionQuarterly:
		return "quarterly distribution"
	case DistributionRefinance:
		return "distribution of a refinancing"
	case DistributionSaleProceeds:
		return "distribution of sale proceeds"
	}
	return "distribution"
}
