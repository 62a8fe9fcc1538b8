# after a bad frame the server looks for the next
# file: common/service.c
# tests: unit
/case FRAME_BAD:/,/break;/s/progress = SERVICE_LAST;/p++;/
