/* Makes uname(2) say Darwin to a program that has this library preloaded.
 *
 * The node name stays the machine's; the other fields are those of macOS 11 on an Intel Mac.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static void put(char *field, size_t size, const char *text)
{
    memset(field, 0, size);
    snprintf(field, size, "%s", text);
}

int uname(struct utsname *out)
{
    if (syscall(SYS_uname, out) != 0)
        return -1;
    put(out->sysname, sizeof out->sysname, "Darwin");
    put(out->release, sizeof out->release, "20.6.0");
    put(out->version, sizeof out->version, "Darwin Kernel Version 20.6.0");
    put(out->machine, sizeof out->machine, "x86_64");
    return 0;
}
