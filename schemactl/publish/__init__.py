"""Where builds are published: directories, package indexes and Go repositories, and how consumers see them."""
