# For the teacher: docs/teacher.md.
#
#     make doctor                          what this machine has, and what is skipped here
#     make class [N=30]                    how many students this host bears
#     make grade-all DIR=handins [TO=FOLDER] [SERVICE=echo] [SEED=4711] [POINTS=FILE] [ONLY=5]
#     make repair [TO=my_repair]           three servers with a mistake each: docs/labs/07-repair.md

TEST_PROGRAMS += $(B)/tests/bounded
$(B)/tests/bounded: $(B)/o/tests/teacher/bounded.o $(B)/tests/lib.a

# It needs nothing that is built: it is for the machine on which nothing was built yet.
doctor:
	@CC='$(CC)' sh tests/teacher/doctor

class: all
	@B='$(B)' N='$(or $(N),30)' sh tests/teacher/class

grade-all: $(B)/grade $(B)/poll_server $(B)/tests/bounded
	@B='$(B)' sh tests/teacher/grade_all

# Variables of make's command line are in the environment.
repair:
	@sh tests/teacher/repair

.PHONY: doctor class grade-all repair
