// Package properties is the schema of the same name: the real-estate assets of
// a platform, their units and floor plans, and the properties they are compared
// with.
//
// # Verbs by task
//
//	put a property on record  RegisterProperty, AddUnits, AddFloorPlan                   ExampleService_RegisterProperty
//	change facts              UpdateProperty, UpdateUnit, Revalue, DeleteProperty        ExampleService_UpdateProperty
//	renovate a unit           StartRenovation, FinishRenovation, EndRenovations          ExampleService_StartRenovation
//	follow the leases         ProjectOccupancy, LockUnit
//	find properties           Search, Within, Properties, AllProperties, PropertyBySlug  ExampleService_Within
//	read the past             PropertyAsOf, UnitAsOf                                     ExampleService_StartRenovation
//	compare                   AddComparable, Comparables
//
// # Verbs
//
// [Service.RegisterProperty] puts a property and all its units on record in one
// call. [Service.UpdateProperty] and [Service.UpdateUnit] change facts, guarded
// by the version that the caller read. Who rents a unit, and for how much, is said by
// leases (package financials/leases) or by a reported rent roll, and a unit's columns
// repeat it ([Service.ProjectOccupancy]); [Service.StartRenovation] and
// [Service.FinishRenovation] take a unit off the market and put it back, by what the
// leases say of the day where [Config] has Tenancies.
// [Service.Revalue] carries the latest valuation, and [Service.DeleteProperty] takes a
// property out of sight.
//
// Reads are by id, by slug, by filter in pages, by words
// ([Service.Search]), by distance ([Service.Within]), and as of a time in the
// past ([Service.PropertyAsOf], [Service.UnitAsOf]).
//
// # Invariants
//
//   - Latitude, longitude and location are one fact and are written together.
//   - A slug is unique among the properties that are not deleted; a unit number
//     within its building.
//   - A property with units on record has the occupancy rate of those units
//     (occupied and under notice, over all), exact under concurrency: each verb
//     that changes a unit's occupancy holds the property's lock.
//   - A property has at least as many units in total as are on record.
//   - The current valuation never goes back to an earlier day.
//   - An occupied unit has a rent or a lease. A unit of which neither leases nor a
//     report tell is unknown, and so is the occupancy rate of its property.
//   - What was more than a prospect is never one again ([ErrStatusChange]).
//   - InvestmentOpen to InvestorCount follow the property's offerings.
//   - What has happened is of no later day than today; a purchase takes effect within
//     the horizon of [Config].
//   - Every change of a fact leaves the former version in the history, with
//     its time and its author (the setting freehold.actor of the transaction).
//     Rollups, such as the occupancy rate, make no versions.
//
// # Locks
//
// Verbs lock the property first, then the unit; [Service.LockProperty] gives
// other domains the same lock.
//
// # Tables
//
// properties.properties, properties.units, properties.floor_plans and
// properties.comparable_properties; the history of the first two is in
// properties.properties_history and properties.units_history. The packages
// renovations, media and market beside this one are schemas of their own.
package properties
