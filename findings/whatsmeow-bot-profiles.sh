#!/usr/bin/env bash
# whatsmeow of 2026-09-21 (35ae40906e74): the profile of a bot cannot be asked for by the address that bots have since they
# left their numbers. The list of bots (`GetBotListV2`) and the library's own constants (`NewMetaAIJID`) name them
# `<digits>@bot`, `JID.IsBot` knows both forms, and `GetBotProfiles` takes the entries of that list; but the query behind it
# accepts people's servers only and fails before anything is sent. The old form, a number that begins with 1313555, gets
# as far as the connection.
#
# Needs Go 1.26 or newer and its module proxy. Seen:
#   867051314767696@bot: is a bot: true: unknown user server 'bot'
#   13135550002@s.whatsapp.net: is a bot: true: failed to send usync query: websocket not connected
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
go mod init finding >/dev/null 2>&1

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

func main() {
	client := whatsmeow.NewClient(store.NoopDevice, nil)
	for _, bot := range []types.JID{types.NewMetaAIJID, types.NewJID("13135550002", types.DefaultUserServer)} {
		_, err := client.GetBotProfiles(context.Background(), []types.BotListInfo{{BotJID: bot}})
		fmt.Printf("%s: is a bot: %v: %v\n", bot, bot.IsBot(), err)
	}
}
GO
go get go.mau.fi/whatsmeow@v0.0.0-20260921121126-35ae40906e74 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
output="$(go run .)"
echo "$output"
grep -q "^867051314767696@bot: is a bot: true: unknown user server 'bot'$" <<<"$output"
grep -q '^13135550002@s.whatsapp.net: is a bot: true: .*websocket not connected' <<<"$output"
