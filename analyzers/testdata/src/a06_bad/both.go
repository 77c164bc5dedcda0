package a06_bad

// Two goroutines share the variable of one call.
func both() {
	stop := make(chan struct{})
	end := func() {
		if stop != nil {
			close(stop) // want `checkthenact`
			stop = nil
		}
	}
	go end()
	end()
}
