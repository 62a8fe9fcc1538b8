/* list - doubly linked lists whose links are inside the structures that they link.
 *
 * A list is a link of its own, the anchor: its next is the first member and its prev the
 * last.  The anchor of an empty list points at itself.  Nothing is allocated, nothing can
 * fail, and every step takes the same time however long the list is.  That is why the
 * clock queues and the ready list are lists: a client that is closed leaves them from the
 * middle.
 */
#ifndef MUXLAB_LIST_H
#define MUXLAB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next, *prev;
};

/* The structure of this type whose `member` is the link at `l`. */
#define LINK_OWNER(l, type, member) \
    ((type *)(void *)((char *)(l) - offsetof(type, member)))

/* Make an anchor an empty list, or a link one that is in no list. */
static inline void link_init(struct link *l)
{
    l->next = l->prev = l;
}

/* Of an anchor: is its list empty?  Of a link: is it in no list? */
static inline bool link_alone(const struct link *l)
{
    return l->next == l;
}

/* Take the link out of its list, if it is in one. */
static inline void link_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    link_init(l);
}

/* Make the link the last of a list.  It must be in no list. */
static inline void link_append(struct link *list, struct link *l)
{
    l->prev = list->prev;
    l->next = list;
    list->prev->next = l;
    list->prev = l;
}

#endif
