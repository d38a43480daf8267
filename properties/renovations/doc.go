// Package renovations is the schema of the same name: the renovation and
// capital projects of a property, the units they touch, and the dated reports
// on their progress.
//
// # Verbs by task
//
//	plan and approve  PlanProject, ApproveProject                             ExampleService_PlanProject
//	carry out         StartProject, ReportProgress, CompleteProject           ExampleService_PlanProject
//	read              Project, Projects, UnitRenovations, ProgressUpdates
//
// # The domain
//
// The tables renovations.projects, renovations.unit_renovations and
// renovations.progress_updates belong to a project, and with it to a property:
// they go when it goes. Projects keep their history, so that what was planned
// and approved on a day can be read afterwards.
package renovations
