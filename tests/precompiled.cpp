// Owns the precompiled headers of the tests (CMakeLists.txt); does nothing.
int main() { return 0; }
