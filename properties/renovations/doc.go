// Package renovations is the schema of the same name: the renovation and
// capital projects of a property, the units they touch, and the dated reports
// on their progress.
//
// # Verbs by task
//
//	plan and approve   PlanProject, ApproveProject                                        ExampleService_PlanProject
//	carry out          StartProject, ReportProgress, CompleteProject                      ExampleService_PlanProject
//	wait, give up      HoldProject, ResumeProject, CancelProject
//	unit by unit       StartUnitRenovation, CompleteUnitRenovation, CancelUnitRenovation  ExampleService_CompleteUnitRenovation
//	figures            UpdateUnitRenovation, MeasureProject, ProjectBudget                ExampleService_CompleteUnitRenovation
//	change the budget  RequestChangeOrder, ApproveChangeOrder, RejectChangeOrder          ExampleService_RequestChangeOrder
//	read               Project, Projects, UnitRenovations, ProgressUpdates, ChangeOrders
//
// # The domain
//
// The tables renovations.projects, renovations.unit_renovations,
// renovations.progress_updates and renovations.change_orders belong to a project, and with
// it to a property. Projects keep their history, so that what was planned and approved on
// a day can be read afterwards.
//
// The units follow the work in them: one that is begun is off the market, one that is done is
// renovated and back on it. A project that has ended leaves no work open. The budget that
// was approved stays; change orders that others agreed to are added to it. What the work
// brought is the rent after it less the rent before it ([UnitRenovation.RentIncrease]) and,
// of the whole project, the measured net operating income; over the cost, each is a return
// on cost, a fraction.
//
// Verbs lock the property, the project and the units, in this order.
package renovations
