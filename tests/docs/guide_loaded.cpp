#include <stdio.h>
#include <stdlib.h>

#include "SdkWrap.h"

PRL_HANDLE GetVmByName(char* name, PRL_HANDLE hServer);
int guide_page(PRL_HANDLE hServer);

int guide_page(PRL_HANDLE hServer) {
#include "guide_page.inc"
}
