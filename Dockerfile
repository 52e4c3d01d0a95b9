FROM node:24-bookworm-slim AS build
# The SQLite driver is compiled where no ready binary can be had.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /parley
COPY package.json package-lock.json ./
# npm skips install scripts it was not told to run, and succeeds all the same: the driver has to load here.
RUN npm ci --no-audit --no-fund && node -e "require('sqlite3')"
COPY . .
RUN npm run build && npm run extension && npm prune --omit=dev

FROM node:24-bookworm-slim
# Converts voice messages, video previews and animated stickers.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
RUN mkdir /data && chown node:node /data
WORKDIR /parley
COPY --from=build /parley/node_modules ./node_modules
COPY --from=build /parley/dist ./dist
COPY --from=build /parley/static ./static
COPY --from=build /parley/package.json /parley/LICENSE ./
# What Node has compiled is kept for the next start of the container.
ENV NODE_ENV=production DATA_DIR=/data PORT=8080 NODE_COMPILE_CACHE=/tmp/parley-compiled
USER node
VOLUME /data
EXPOSE 8080
# Ready, not only alive: an orchestrator that looks here sends requests elsewhere while the sessions come back.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "const tls = process.env.TLS_CERTIFICATE; if (tls) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; fetch(`http${tls ? 's' : ''}://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# What stands behind the name of the image are flags.
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]
