/* lua FILE: runs a Lua script with Debian's library. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	lua_State *state = luaL_newstate();

	luaL_openlibs(state);
	if (luaL_dofile(state, argc > 1 ? argv[1] : NULL)) {
		fprintf(stderr, "%s\n", lua_tostring(state, -1));
		return 1;
	}
	lua_close(state);
	return 0;
}
