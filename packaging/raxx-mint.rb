# Homebrew's formula, for a tap: `brew install moosequest/tap/raxx-mint`. The release workflow writes version and sums into it.
class RaxxMint < Formula
  desc "Short-lived GitHub identities for bots, from credentials kept in Infisical"
  homepage "https://github.com/MooseQuest/raxx-mint"
  version "0.1.0"
  license any_of: ["MIT", "Apache-2.0"]

  base = "https://github.com/MooseQuest/raxx-mint/releases/download/v#{version}/raxx-mint-#{version}"
  on_macos do
    on_arm do
      url "#{base}-aarch64-apple-darwin.tar.gz"
      sha256 "SUM_OF_AARCH64_APPLE_DARWIN"
    end
    on_intel do
      url "#{base}-x86_64-apple-darwin.tar.gz"
      sha256 "SUM_OF_X86_64_APPLE_DARWIN"
    end
  end
  on_linux do
    on_arm do
      url "#{base}-aarch64-unknown-linux-musl.tar.gz"
      sha256 "SUM_OF_AARCH64_UNKNOWN_LINUX_MUSL"
    end
    on_intel do
      url "#{base}-x86_64-unknown-linux-musl.tar.gz"
      sha256 "SUM_OF_X86_64_UNKNOWN_LINUX_MUSL"
    end
  end

  def install
    bin.install Dir["bin/*"]
    man1.install Dir["share/man/man1/*"]
    doc.install Dir["share/doc/raxx-mint/*"]
    bash_completion.install Dir["share/bash-completion/completions/*"]
    fish_completion.install Dir["share/fish/vendor_completions.d/*"]
    zsh_completion.install Dir["share/zsh/site-functions/*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/raxx-mint --version")
    assert_match "For coding agents", shell_output("#{bin}/raxx-mint docs agents")
  end
end
