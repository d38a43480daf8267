DROP TABLE financials.lease_write_offs;
DROP TABLE financials.lease_applications;
DROP TABLE financials.lease_entries;
DROP TABLE financials.lease_charges;
DROP TABLE financials.lease_parties;
DROP TABLE financials.lease_terms;
DROP TABLE financials.leases;
DROP TABLE financials.tenants;
