// Package localpg finds a PostgreSQL with PostGIS, or starts one that is thrown
// away afterwards. It is the embedded default of the examples and of the tests;
// the library itself never imports it.
//
// It looks in this order:
//
//  1. the DSN in the environment variable FREEHOLD_DSN;
//  2. server programs installed on this machine (PATH, then the places where
//     Debian, Red Hat, Homebrew and Postgres.app put them, newest first), when
//     PostGIS is installed beside them. They run as a throw-away cluster that
//     listens on a unix socket only, in a directory nobody else may enter, as an
//     unprivileged user when this process is root;
//  3. Docker, where a daemon answers: the program dockerpg starts a container of
//     postgis/postgis. It is a module of its own in this folder, built when it is
//     needed, so that Docker's client is in nobody's module graph; where the folder
//     is not there, as in the module cache of a host, the error says what to do;
//  4. otherwise an [ErrNotFound] whose text says what to install.
//
// A throw-away cluster is the child of a small watcher (watch.sh), not of this
// process. The watcher reads a named pipe that this process holds open for
// writing. When the last writer is gone, however it went (kill -9 included),
// the watcher stops the server and removes its directory. [Start] gives one
// process a cluster of its own; with [Share] all processes of a user use the same
// one, which goes away some seconds after the last of them.
package localpg
