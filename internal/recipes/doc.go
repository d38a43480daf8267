// Package recipes says for verbs of the services what they need and with which
// parameters they succeed. It is for tests only, which take it to try each verb in
// their own way, as internal/faulttest does, which cancels them at every statement.
package recipes
