{
  description = "Short-lived GitHub identities for bots, from credentials kept in Infisical";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "raxx-mint";
          version = (fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          # As .cargo/config.toml has it, whatever nixpkgs makes of that file.
          AWS_LC_SYS_NO_JITTER_ENTROPY = "1";
          nativeBuildInputs = [ pkgs.cmake pkgs.perl ];
          cargoBuildFlags = [ "--workspace" "--exclude" "tests" "--exclude" "raxx-pages" ];
          # The tests want servers on loopback and many processes: `nix develop`, then `cargo test --workspace`.
          doCheck = false;
          postInstall = "bash packaging/share.sh $out";
          meta = {
            homepage = "https://github.com/MooseQuest/raxx-mint";
            license = with pkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "raxx-mint";
          };
        };
      });
      devShells = each (pkgs: {
        default = pkgs.mkShell {
          packages = with pkgs; [ cargo clippy rustfmt curl gh git git-lfs jq openssh strace ];
        };
      });
    };
}
