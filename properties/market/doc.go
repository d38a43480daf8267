// Package market is the schema of the same name: market areas with their
// figures, and the valuations of properties.
//
// # Verbs by task
//
//	market areas  AddArea, Areas, AreaByName
//	valuations    RecordValuation, CorrectValuation, Valuation, Valuations, ValuationOn  ExampleService_RecordValuation
//
// # The domain
//
// market.property_valuations is the source of a property's current valuation;
// properties.Service.Revalue keeps the copy on the property. A property with
// valuations cannot be deleted from the database.
package market
