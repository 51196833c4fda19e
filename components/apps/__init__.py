"""The apps: each module holds one kind's settings and turns them into an `App`. Pure, no I/O."""
