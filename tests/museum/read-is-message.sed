# whatever one read brings is taken for one request
# file: common/service.c
# tests: scenarios:segmentation/at-once
# grade: 2 read-is-message
# server: poll_server
/^static enum progress serve_calc/,/^}/{
    s/p += f\.size;/p = end;/
    /case FRAME_PARTIAL:/{
        n
        s/progress = SERVICE_BEGUN;/to += status_frame(to, CALC_MALFORMED);\
                p = end;/
    }
}
