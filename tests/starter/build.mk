# make starter MECHANISM=poll [TO=my_server]: a folder with a server to be completed.
starter:
	@sh tests/starter/starter '$(MECHANISM)' '$(or $(TO),my_server)' $(KEEP)

.PHONY: starter
