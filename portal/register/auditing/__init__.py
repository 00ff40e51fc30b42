"""The operation log made tamper-evident: entries chained by hash, checked, pruned from the old end, and read.

Entries are written in bulk and from many transactions at once, so none of them takes part in the chain by itself: one
lock around every write would let PostgreSQL's writers go one by one. An entry is written without a seal; within about
a second the worker (`sealing`) takes the committed ones in the order of their ids and gives each the next number,
without a gap, and SHA-256(hash of the one before ‖ the entry). So `verifying` finds whatever was altered, removed or
put in between.

What this can and cannot show. Whoever may write to the database but has not the portal's SECRET_KEY cannot make the
chain anew unseen: its last link (the head), and the link up to which it was pruned, are signed with that key. Whoever
has the key too is found out only by a head that was kept elsewhere: `flask audit verify` prints it for that, and takes
it back by `--anchor`. An entry that was never sealed leaves no trace when it is removed, which is a matter of a second;
and an entry that someone adds today, dated today, by hand is sealed like any other: the log then shows what was put in.
"""
