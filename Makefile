# Everything a person runs by hand. On a machine with the .NET SDK of global.json and clang (Native AOT's linker driver).

RID ?= linux-x64
CONFIGURATION ?= Release
OUT := out/$(RID)

.PHONY: build publish packages demo test unit node bench load lint clean

build:
	dotnet build -c $(CONFIGURATION) -v q Ztunnel.sln

# Native AOT; the symbols lie beside the program as ztunnel.dbg.
publish: $(OUT)/ztunnel

# dotnet decides what is out of date, so this always asks it.
.PHONY: $(OUT)/ztunnel
$(OUT)/ztunnel:
	dotnet publish src/Ztunnel/Ztunnel.csproj -c Release -r $(RID) -o $(OUT) -v q

# Debian packages that building natively, the demo and the node tests call; installed where missing (root).
packages:
	tests/install-packages.sh

.NOTPARALLEL: demo test node load

# Two nodes, pods, a control plane: traffic through the mesh, shown step by step. Root; under a minute once it is built.
# ARGS=--local shows it without the control plane: a file, and the embedded certificate authority.
demo: packages publish
	dotnet build -c Release -v q tests/Ztunnel.Demo/Ztunnel.Demo.csproj
	ZTUNNEL_BIN="$${ZTUNNEL_BIN:-$(OUT)/ztunnel}" tests/Ztunnel.Demo/bin/Release/net10.0/Ztunnel.Demo $(ARGS)

# Unit tests, then node tests in network namespaces (root). Ends with "N passed, N failed".
test: packages publish
	tests/run.sh tests/Ztunnel.Hbone.Tests tests/Ztunnel.Tests tests/Ztunnel.Load.Tests tests/Ztunnel.NodeTests

unit:
	tests/run.sh tests/Ztunnel.Hbone.Tests tests/Ztunnel.Tests tests/Ztunnel.Load.Tests

node: packages publish
	tests/run.sh tests/Ztunnel.NodeTests

# Micro benchmarks of frames, HPACK, windows, labels, look-ups; allocations shown.
bench:
	dotnet run -c Release --project bench/Ztunnel.Benchmarks -- --filter '*' --job short --memory

# Whole proxies in namespaces. PEER=path adds a second binary; ARGS goes to the tool (try ARGS="all --help").
load: packages publish
	dotnet build -c Release -v q bench/Ztunnel.Load/Ztunnel.Load.csproj
	bench/Ztunnel.Load/bin/Release/net10.0/Ztunnel.Load $(or $(ARGS),all) --ours $(OUT)/ztunnel $(if $(PEER),--peer $(PEER))

lint:
	dotnet build -c $(CONFIGURATION) -v q --no-incremental Ztunnel.sln
	dotnet format whitespace --verify-no-changes Ztunnel.sln

clean:
	rm -rf out TestResults
	dotnet clean -v q Ztunnel.sln
