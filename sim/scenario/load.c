#include "scenario/private.h"
int load_replay(lua_State *lua) { return luaL_error(lua, "not yet"); }
