/* list - doubly linked lists whose links live inside what they link.
 *
 * A list is a link of its own, the anchor: its next is the first member, its prev the
 * last, and an empty list is an anchor that points at itself.  Nothing is allocated,
 * nothing can fail, and every step takes the same time however long the list is.
 * That is why the clocks and the ready list are lists: a client leaves them from the
 * middle when it goes.
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

/* Make an empty list of an anchor, or a link that stands in no list. */
static inline void link_init(struct link *l)
{
    l->next = l->prev = l;
}

/* Is this list empty?  Of a link: does it stand in no list? */
static inline bool link_alone(const struct link *l)
{
    return l->next == l;
}

/* Take the link out of the list it stands in, if any. */
static inline void link_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    link_init(l);
}

/* Make the link the last of a list.  It must stand in no list. */
static inline void link_append(struct link *list, struct link *l)
{
    l->prev = list->prev;
    l->next = list;
    list->prev->next = l;
    list->prev = l;
}

#endif
