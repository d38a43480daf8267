// Package outbox delivers the domain events that the library's verbs leave in the
// table freehold.outbox, each in the transaction of the change that it tells of.
//
// # Verbs by task
//
//	deliver                   Relay.Run, Relay.Drain      ExampleRelay
//	deliver exactly once      Relay.RunTx, Relay.DrainTx  ExampleRelay_drainTx
//	what waits, what is dead  Pending, Dead, Retry, Skip  ExampleDead
//	read a payload            Is, Decode                  ExampleRelay
//	remove                    Prune
//
// # The domain
//
// A [Message] is one of them. A [Relay] hands messages out, when and where the
// host runs one, at least once each and in order for each aggregate; [Decode]
// reads the payload, which is a struct of the package whose verb wrote it:
//
//		relay := outbox.Relay{Owner: "mailer"}
//		go relay.Run(ctx, db, func(ctx context.Context, m outbox.Message) error {
//			if !outbox.Is[investments.OfferingOpened](m) {
//				return nil
//			}
//			opened, err := outbox.Decode[investments.OfferingOpened](m)
//			...
//		})
//
//	  - To deliver: [Relay.Drain] once, [Relay.Run] until the context ends; with
//	    [Relay.DrainTx] and [Relay.RunTx] what a handler writes to the same database
//	    happens exactly once.
//	  - To see what waits: [Pending] counts it, [Dead] lists what was given up.
//	  - To decide about what is dead: [Retry] or [Skip].
//	  - To remove what was delivered long ago: [Prune].
package outbox
